"""Steps of a restoration are taken again while somebody is away, and only then."""

import time

import httpx
import pytest

from crm_client.cli.restore import _patiently
from crm_client.errors import Failed, NotReachable, Refused

pytestmark = pytest.mark.unit


def refused(status):
    return Refused(httpx.Response(status, json={"title": "no", "status": status}))


class Step:
    """Fails with these, one after the other, and then succeeds."""

    def __init__(self, *failures):
        self.left = list(failures)

    def __call__(self):
        if self.left:
            raise self.left.pop(0)
        return "done"


def test_who_is_away_for_a_moment_is_asked_again():
    step = Step(NotReachable("sales"), Failed("marketing: PeerAway: sales: no"), refused(503))

    assert _patiently(step, until=time.monotonic() + 60) == "done"


@pytest.mark.parametrize("failure", [refused(403), Failed("sales: ValueError: no")])
def test_what_will_not_pass_is_told_at_once(failure):
    with pytest.raises(type(failure)):
        _patiently(Step(failure), until=time.monotonic() + 60)


def test_who_stays_away_is_not_waited_for_any_longer():
    with pytest.raises(NotReachable):
        _patiently(Step(NotReachable("sales"), NotReachable("sales")), until=time.monotonic())
