"""C13: telephone numbers and addresses are written one way, and whether they are right is kept."""

import uuid

import pytest
from tests.running import Platform

from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.flow]


def test_a_number_is_written_one_way_and_judged_by_people(platform: Platform) -> None:
    made = platform.contact(phones=[{"value": "+44 (0)20 7946-0018"}])
    (written,) = made["phones"]
    assert written["value"] == "+442079460018"
    assert written["judged_by"] is None or not written["judged_by"].startswith("user:")

    path, version = f"/v1/contacts/{made['id']}/verification", made["version"]
    judged = platform.api.put(
        path, {"phone": written["value"], "quality": "correct", "why": "spoke to her"},
        version=version,
    )  # fmt: skip

    point = judged["phones"][0]
    assert (point["quality"], point["judged_why"]) == ("correct", "spoke to her")
    assert point["judged_by"].startswith("user:")
    wait_until(
        lambda: (
            platform.customer(made["id"])["sections"]["contacts"]["data"]["contact"]["phones"][0][
                "quality"
            ]
            == "correct"
        ),
        timeout=30,
    )
    nobodys = platform.once(
        "PUT", path, json={"phone": "+442079460999", "quality": "correct"},
        headers={"If-Match": f'"{judged["version"]}"'},
    )  # fmt: skip
    assert nobodys.status_code in {404, 422}


def test_an_address_is_written_one_way(platform: Platform) -> None:
    name = uuid.uuid4().hex[:12]
    made = platform.contact(emails=[{"value": f" {name}@BÜCHER.example "}])
    assert made["emails"][0]["value"] == f"{name}@bücher.example"
