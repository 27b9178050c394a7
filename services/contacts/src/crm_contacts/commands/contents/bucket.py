"""Contents in a bucket of a store that speaks S3."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import RawIOBase
from typing import BinaryIO, Self, cast
from urllib.parse import parse_qs, unquote, urlsplit

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error
from sqlalchemy.orm import Session, sessionmaker

from crm_contacts.model.errors import StoreAway

_PIECE = 256 * 1024
_TIMEOUT = urllib3.Timeout(connect=3.0, read=30.0)
_ABSENT = frozenset({"NoSuchKey", "NoSuchObject"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket that is there already; contents are objects called `contents/<sha256>`."""

    name: str
    store: Minio = field(repr=False)

    @classmethod
    def of_url(cls, url: str) -> Self:
        """`s3://key:secret@host:port/bucket?region=eu-central-1&tls=false`."""
        parts, options = urlsplit(url), parse_qs(urlsplit(url).query)
        store = Minio(
            parts.netloc.rpartition("@")[2],
            access_key=unquote(parts.username or ""),
            secret_key=unquote(parts.password or ""),
            region=options.get("region", ["us-east-1"])[0],
            secure=options.get("tls") != ["false"],
            http_client=urllib3.PoolManager(maxsize=8, retries=False, timeout=_TIMEOUT),
        )
        return cls(name=parts.path.strip("/"), store=store)

    def keep(
        self, sessions: sessionmaker[Session], sha256: str, content: Iterable[bytes], *, size: int
    ) -> None:
        """Upload it, unless it is there; the store checks what arrives. Raises StoreAway."""
        del sessions
        with _answering():
            if self._size(sha256) != size:
                stream = cast("BinaryIO", _Pieces(content))
                self.store.put_object(self.name, _key(sha256), stream, size)

    def read(self, session: Session, sha256: str) -> Iterator[bytes]:
        """Yield it, a piece at a time. Raises StoreAway."""
        del session
        with _answering():
            response = self.store.get_object(self.name, _key(sha256))
            try:
                yield from response.stream(_PIECE)
            finally:
                response.close()
                response.release_conn()

    def forget(self, session: Session, sha256: str) -> None:
        """Delete it. Raises StoreAway."""
        del session
        with _answering():
            self.store.remove_object(self.name, _key(sha256))

    def _size(self, sha256: str) -> int | None:
        try:
            return self.store.stat_object(self.name, _key(sha256)).size
        except S3Error as error:
            if error.code in _ABSENT:
                return None
            raise


class _Pieces(RawIOBase):
    """An iterable of pieces as a file."""

    def __init__(self, content: Iterable[bytes]) -> None:
        super().__init__()
        self._content, self._rest = iter(content), b""

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Return the next bytes, none at the end."""
        if not self._rest:
            self._rest = next(self._content, b"")
        wanted = len(self._rest) if size is None or size < 0 else size
        piece, self._rest = self._rest[:wanted], self._rest[wanted:]
        return piece


@contextmanager
def _answering() -> Iterator[None]:
    """Say in our words that the store does not answer, or not as it should."""
    try:
        yield
    except S3Error as error:
        raise StoreAway(detail=f"the store of contents answers {error.code}") from error
    except (MinioException, urllib3.exceptions.HTTPError) as error:
        raise StoreAway(detail="the store of contents does not answer") from error


def _key(sha256: str) -> str:
    return f"contents/{sha256}"
