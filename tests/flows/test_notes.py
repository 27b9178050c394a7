"""Notes that sales and support share, through the gateway."""

import uuid

import pytest
from tests.running import Platform

from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.flow]


def test_a_note_is_one_stream_for_sales_and_support(platform: Platform) -> None:
    """W3: posts, mentions by name, reactions, pins, answers, what is internal."""
    name = f"Colleague {uuid.uuid4().hex[:6]}"
    colleague = platform.api.post(
        "/v1/users", {"email": f"{uuid.uuid4().hex}@u.example", "name": name}
    )
    wait_until(lambda: platform.row("contacts", "user_copy", colleague["id"]).get("version"))
    contact = platform.contact()
    ticket = platform.api.post("/v1/tickets", {"subject": "Hm", "requester_id": contact["id"]})
    subjects = [{"type": "ticket", "id": ticket["id"]}, {"type": "contact", "id": contact["id"]}]

    note = platform.api.post(
        "/v1/notes",
        {"body": f"@{name} knows why", "subjects": subjects, "internal": True, "pinned": True},
    )
    answer = platform.api.post(
        "/v1/notes", {"body": "I do", "subjects": subjects, "reply_to_id": note["id"]}
    )
    liked = platform.api.request("PUT", f"/v1/notes/{note['id']}/reactions/like").json()

    assert [colleague["id"]] == note["mentions"]
    assert 1 == len(liked["reactions"][0]["user_ids"])
    on_ticket = platform.items("/v1/notes", subject_id=ticket["id"])
    assert {note["id"], answer["id"]} == {each["id"] for each in on_ticket}
    shown = wait_until(
        lambda: [
            each for each in platform.section(contact["id"], "contacts", "notes")
            if each["id"] == note["id"] and each["reactions"]
        ]
    )  # fmt: skip
    assert (True, True) == (shown[0]["internal"], shown[0]["pinned"])


def test_what_is_internal_never_reaches_marketing(platform: Platform) -> None:
    """W3: marketing holds no text of any note."""
    secret = f"secret{uuid.uuid4().hex}"
    contact = platform.contact()
    about = [{"type": "contact", "id": contact["id"]}]
    platform.api.post("/v1/notes", {"body": secret, "subjects": about, "internal": True})
    wait_until(lambda: platform.section(contact["id"], "contacts", "notes"))
    wait_until(platform.is_quiet, timeout=30)

    with platform.database("marketing") as connection:
        tables = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'public'"
        ).fetchall()
        found = [
            table
            for (table,) in tables
            if connection.execute(
                f'select 1 from "{table}" t where t::text like %s limit 1', (f"%{secret}%",)
            ).fetchone()
        ]

    assert [] == found
