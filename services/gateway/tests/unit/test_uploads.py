"""A visitor's file on its way to a service is a form, whatever its name and size."""

import io
from contextlib import closing

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.formparser import parse_form_data

from crm_gateway.console.uploads import Form

pytestmark = pytest.mark.unit


def sent(content: bytes, name: str, piece: int) -> tuple[dict[str, str], bytes, str | None]:
    """Return the fields, the content and the name a service reads."""
    form = Form(FileStorage(io.BytesIO(content), filename=name), {"settings": "{}"})
    body = b"".join(iter(lambda: form.read(piece), b""))
    assert int(form.headers["Content-Length"]) == len(body)
    environ = {
        "wsgi.input": io.BytesIO(body), "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": form.headers["Content-Type"], "CONTENT_LENGTH": str(len(body)),
    }  # fmt: skip
    _, fields, files = parse_form_data(environ)
    with closing(files["file"]) as file:
        return fields.to_dict(), file.read(), file.filename


@pytest.mark.parametrize("piece", [1, 7, 16_384])
def test_arrives_as_it_was_sent(piece: int) -> None:
    content = bytes(range(256)) * 3

    assert ({"settings": "{}"}, content, "people.csv") == sent(content, "people.csv", piece)


def test_a_name_cannot_end_its_header() -> None:
    _, content, name = sent(b"x", 'a"\r\nX-Evil: 1.csv', 100)

    assert b"x" == content
    assert name is not None
    assert not {"\r", "\n"} & set(name)
