"""No mail takes long, whatever it is made of: the work grows with its length, and that is bounded."""

import pytest

from crm_bounces import mail, parts


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
def test_what_is_looked_at_is_bounded(kind):
    body = "<html>" + "a@" * 400_000 if kind == "text/html" else "a@" * 400_000
    content = f"From: x@y.example\nContent-Type: {kind}\n\n{body}".encode()

    found = mail.read(content)

    assert len(found.text) <= mail._LONGEST_TEXT * 1.01
    assert max(map(len, found.text.split("\n"))) <= 998
    assert parts._LONGEST_HTML <= mail._LONGEST_TEXT
