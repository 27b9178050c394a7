"""Whose tokens are believed, for whom, and for how long."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from crm_chassis import ids
from crm_chassis.auth import Principal, Signer, Verifier, new_key, public_keys
from crm_chassis.problems import Forbidden, Unauthenticated

pytestmark = pytest.mark.unit
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
GATEWAY, SALES = new_key("gateway"), new_key("sales")
ANN = Principal(
    actor="user:ann",
    user_id=ids.new(),
    roles=frozenset({"member"}),
    team_ids=(ids.new(),),
    on_behalf_of="user:bob",
)


@pytest.fixture
def verifier():
    return Verifier(json.dumps(public_keys([GATEWAY, SALES])), "contacts")


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def bearer(*, key=GATEWAY, audience="contacts", who=ANN):
    return f"Bearer {Signer(json.dumps(key)).token(audience, who)}"


def forged(header, key, **claims):
    given = {"aud": "contacts", "sub": "user:eve", "exp": NOON.timestamp() + 60, **claims}
    algorithms = [header["alg"]]
    return f"Bearer {jwt.encode(header, given, key, algorithms=algorithms)}"


class TestToken:
    def test_names_the_caller_whole(self, verifier):
        assert verifier.principal(bearer()) == ANN
        assert verifier.principal(bearer(key=SALES)) == ANN

    def test_for_another_service_is_refused(self, verifier):
        with pytest.raises(Unauthenticated):
            verifier.principal(bearer(audience="sales"))

    def test_of_an_unknown_issuer_is_refused(self, verifier):
        with pytest.raises(Unauthenticated):
            verifier.principal(bearer(key=new_key("stranger")))

    def test_of_an_unknown_key_under_a_known_name_is_refused(self, verifier):
        with pytest.raises(Unauthenticated):
            verifier.principal(bearer(key=new_key("gateway")))

    def test_with_algorithm_none_is_refused(self, verifier):
        with pytest.raises(Unauthenticated):
            verifier.principal("Bearer eyJhbGciOiJub25lIiwia2lkIjoiZ2F0ZXdheSJ9.eyJzdWIiOiJ4In0.")

    def test_signed_by_a_public_key_as_if_it_were_a_secret_is_refused(self, verifier):
        secret = OctKey.import_key(json.dumps(public_keys([GATEWAY])["keys"][0]))

        with pytest.raises(Unauthenticated):
            verifier.principal(forged({"alg": "HS256", "kid": "gateway"}, secret))

    @pytest.mark.parametrize(
        "claims",
        [
            {"aud": None},
            {"exp": None},
            {"exp": "soon"},
            {"uid": "nobody"},
            {"uid": 7},
            {"teams": 1},
            {"teams": [1]},
        ],
    )
    def test_with_claims_of_another_shape_is_refused(self, verifier, clock, claims):
        key = OKPKey.import_key(GATEWAY)

        with pytest.raises(Unauthenticated):
            verifier.principal(forged({"alg": "Ed25519", "kid": "gateway"}, key, **claims))

    @pytest.mark.parametrize(
        "header", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer a.b", "Bearer ä.ö.ü"]
    )
    def test_that_is_none_is_refused(self, verifier, header):
        with pytest.raises(Unauthenticated):
            verifier.principal(header)


class TestExpiry:
    def test_is_60_seconds_and_30_of_skew_after_signing(self, verifier, clock):
        header = bearer()

        clock.move_to(NOON + timedelta(seconds=89))
        assert verifier.principal(header) == ANN

        clock.move_to(NOON + timedelta(seconds=91))
        with pytest.raises(Unauthenticated):
            verifier.principal(header)

    def test_holds_for_a_token_already_seen(self, verifier, clock):
        header = bearer()
        verifier.principal(header)

        clock.move_to(NOON + timedelta(seconds=91))

        with pytest.raises(Unauthenticated):
            verifier.principal(header)

    def test_is_never_nearer_than_half_a_life(self, clock):
        signer = Signer(json.dumps(GATEWAY))
        first = signer.token("contacts", ANN)

        clock.move_to(NOON + timedelta(seconds=29))
        assert signer.token("contacts", ANN) == first

        clock.move_to(NOON + timedelta(seconds=31))
        assert signer.token("contacts", ANN) != first


class TestMemory:
    def test_of_tokens_is_bounded(self, verifier, monkeypatch):
        monkeypatch.setattr("crm_chassis.auth._REMEMBERED", 3)
        signer = Signer(json.dumps(GATEWAY))

        for number in range(20):
            who = Principal(actor=f"user:{number}")
            assert verifier.principal(f"Bearer {signer.token('contacts', who)}") == who

        assert len(verifier._known) <= 4
        assert len(signer._recent) <= 4


class TestPrincipal:
    def test_needs_one_of_the_roles(self):
        ANN.require("admin", "member")
        with pytest.raises(Forbidden, match="admin"):
            ANN.require("admin")

    def test_sees_what_is_for_all_its_own_and_its_teams(self):
        stranger, team = ids.new(), ANN.team_ids[0]

        assert ANN.may_see("all", stranger, None)
        assert ANN.may_see("public", stranger, None)
        assert ANN.may_see("private", ANN.user_id, None)
        assert ANN.may_see("team", stranger, team)
        assert not ANN.may_see("private", stranger, team)
        assert not ANN.may_see("team", stranger, None)
        assert not Principal(actor="service:x").may_see("private", None, None)
