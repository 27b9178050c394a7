"""The examples in the client's README run, in order, against a platform."""

import json
import re
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook
from tests.running import Platform

from crm_chassis import clock
from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.flow]
README = Path(__file__).parents[2] / "clients/crm/README.md"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_every_example_does_what_it_says(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (
        ("CRM_URL", platform.url), ("CRM_EMAIL", platform.email), ("CRM_PASSWORD", platform.password),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    first, *others = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    known: dict[str, object] = {}

    exec(first, known)
    made = known["ada"]
    wait_until(lambda: platform.customer(made["id"])["id"] == made["id"])  # type: ignore[index]
    for example in others:
        exec(example, known)

    told = capsys.readouterr().out
    assert "Ada Byron" in told
    assert "{'lifecycle':" in told
    assert "[201, 201, 201]" in told
    found = platform.api.get(f"/v1/contacts/{made['id']}")  # type: ignore[index]
    assert (["vip"], "Countess") == (found["tags"], found["job_title"])
    told_fact = {
        "id": "f", "type": "sales.deal.won.v1", "subject": "d", "subjectversion": 1,
        "time": "2026-11-22T10:00:00Z", "actor": "user:u", "data": {"record": {"name": "Arm"}},
    }  # fmt: skip
    body = json.dumps(told_fact).encode()
    now = clock.now()
    headers = {
        "webhook-id": "f", "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("f", now, body.decode()),
    }  # fmt: skip
    known["receive"](body, headers, SECRET)  # type: ignore[operator]
    known["receive"](body + b" ", headers, SECRET)  # type: ignore[operator]
    assert capsys.readouterr().out == "Arm\n"
    known["crm"].close()  # type: ignore[attr-defined]
