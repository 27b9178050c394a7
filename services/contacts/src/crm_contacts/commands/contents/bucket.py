"""Contents in a bucket of a store that speaks S3 (signature version 4)."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from io import RawIOBase
from typing import Any, Self
from urllib.parse import parse_qs, quote, unquote, urlsplit

import urllib3
from sqlalchemy.orm import Session

from crm_chassis import clock
from crm_contacts.model.errors import StoreAway

_PIECE = 256 * 1024
_NOTHING = hashlib.sha256(b"").hexdigest()
_TIMEOUT = urllib3.Timeout(connect=3.0, read=30.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket that is there already; contents are objects called `contents/<sha256>`."""

    base: str
    host: str
    name: str
    region: str
    key: str
    secret: str = field(repr=False)
    pool: urllib3.PoolManager = field(repr=False)

    @classmethod
    def of_url(cls, url: str) -> Self:
        """`s3://key:secret@host:port/bucket?region=eu-central-1&tls=false`."""
        parts, options = urlsplit(url), parse_qs(urlsplit(url).query)
        scheme = "http" if options.get("tls") == ["false"] else "https"
        host = parts.netloc.rpartition("@")[2]
        return cls(
            base=f"{scheme}://{host}",
            host=host,
            name=parts.path.strip("/"),
            region=options.get("region", ["us-east-1"])[0],
            key=unquote(parts.username or ""),
            secret=unquote(parts.password or ""),
            pool=urllib3.PoolManager(maxsize=8, retries=False),
        )

    def keep(self, session: Session, sha256: str, content: Iterable[bytes], *, size: int) -> None:
        """Upload it, unless it is there; the store checks what arrives. Raises StoreAway."""
        del session
        there = self._ask("HEAD", sha256)
        if there.status == HTTPStatus.OK and there.headers.get("Content-Length") == str(size):
            return
        headers = {"Content-Length": str(size)}
        self._ask("PUT", sha256, body=_Pieces(content), digest=sha256, headers=headers, must=True)

    def read(self, session: Session, sha256: str) -> Iterator[bytes]:
        """Yield it, a piece at a time. Raises StoreAway."""
        del session
        response = self._ask("GET", sha256, must=True)
        try:
            yield from response.stream(_PIECE)
        except urllib3.exceptions.HTTPError as error:
            raise StoreAway(detail="the content broke off") from error
        finally:
            response.release_conn()

    def forget(self, session: Session, sha256: str) -> None:
        """Delete it. Raises StoreAway."""
        del session
        self._ask("DELETE", sha256, must=True)

    def _ask(
        self,
        method: str,
        sha256: str,
        *,
        body: Any = None,
        digest: str = _NOTHING,
        headers: Mapping[str, str] | None = None,
        must: bool = False,
    ) -> Any:
        path = quote(f"/{self.name}/contents/{sha256}")
        signed = self._signed(method, path, digest)
        try:
            response = self.pool.request(
                method, self.base + path, body=body, headers={**signed, **(headers or {})},
                timeout=_TIMEOUT, preload_content=method != "GET", redirect=False,
            )  # fmt: skip
        except urllib3.exceptions.HTTPError as error:
            raise StoreAway(detail="the store of contents does not answer") from error
        if response.status >= HTTPStatus.BAD_REQUEST and (must or not _is_absence(response)):
            raise StoreAway(detail=f"the store of contents answers {response.status}")
        return response

    def _signed(self, method: str, path: str, digest: str) -> dict[str, str]:
        at = clock.now()
        headers = {
            "host": self.host,
            "x-amz-content-sha256": digest,
            "x-amz-date": f"{at:%Y%m%dT%H%M%SZ}",
        }
        request = Signed(method=method, path=path, headers=headers, digest=digest, at=at)
        said = request.authorization(region=self.region, key=self.key, secret=self.secret)
        return {**headers, "Authorization": said}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A request as AWS Signature Version 4 signs it; `digest` is the SHA-256 of its body."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str]
    digest: str
    at: datetime

    def authorization(self, *, region: str, key: str, secret: str) -> str:
        """Return the Authorization header."""
        day, names = f"{self.at:%Y%m%d}", ";".join(self.headers)
        lines = "".join(f"{name}:{value}\n" for name, value in self.headers.items())
        asked = f"{self.method}\n{self.path}\n{self.query}\n{lines}\n{names}\n{self.digest}"
        scope = f"{day}/{region}/s3/aws4_request"
        hashed = hashlib.sha256(asked.encode()).hexdigest()
        to_sign = f"AWS4-HMAC-SHA256\n{self.at:%Y%m%dT%H%M%SZ}\n{scope}\n{hashed}"
        signing = f"AWS4{secret}".encode()
        for part in (day, region, "s3", "aws4_request"):
            signing = hmac.digest(signing, part.encode(), "sha256")
        signature = hmac.digest(signing, to_sign.encode(), "sha256").hex()
        said = f"Credential={key}/{scope}, SignedHeaders={names}, Signature={signature}"
        return f"AWS4-HMAC-SHA256 {said}"


class _Pieces(RawIOBase):
    """An iterable of pieces as a file, so that it is sent with its length."""

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


def _is_absence(response: Any) -> bool:
    return bool(response.status == HTTPStatus.NOT_FOUND)
