"""What customers buy and owe, as shops and ledgers tell it: in contacts, on the page, in sales."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.running import Platform

from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.flow]


def order(mark: str, email: str, **more: Any) -> dict[str, Any]:
    line = {"sku": "P-40", "name": "Pump", "quantity": 2, "unit_price": "50.00", "tax": "19.00"}
    said = {"source": "shop", "external_id": mark, "status": "paid", "currency": "EUR"}
    return {**said, "number": mark, "lines": [line], "customer": {"email": email}, **more}


def mark() -> str:
    return uuid.uuid4().hex[:10]


def newest(platform: Platform, customer: dict[str, Any], name: str) -> dict[str, Any]:
    found = platform.section(customer["id"], "contacts", name)
    return found[0] if found else {}


def test_orders_invoices_and_subscriptions_are_on_the_customers_page(platform: Platform) -> None:
    """C19, I6: a purchase history, fed again and again by a shop, on the customer's page."""
    contact, name = platform.contact(), mark()
    email = contact["emails"][0]["value"]

    first, again = (platform.once("POST", "/v1/orders", json=order(name, email)) for _ in range(2))
    refund = [{"amount": "19.00", "reason": "broken"}]
    platform.api.post("/v1/orders", order(name, email, refunds=refund))
    plan = {"plan": "Care", "status": "active", "amount": "120", "interval": "year"}
    of = {"source": "billing", "external_id": name, "currency": "EUR", "contact_id": contact["id"]}
    platform.api.post("/v1/subscriptions", {**of, **plan})

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    wait_until(
        lambda: newest(platform, contact, "orders").get("refunded", {}).get("amount") == "19.00"
    )
    wait_until(lambda: newest(platform, contact, "subscriptions").get("monthly_amount"))
    told = {each["entry_kind"] for each in platform.customer(contact["id"])["timeline"]["items"]}
    assert {"order.placed", "order.refunded", "subscription.started"} <= told
    assert platform.api.get(f"/v1/contacts/{contact['id']}")["lifecycle"] == "customer"


def test_an_overdue_invoice_warns_whoever_sells(platform: Platform) -> None:
    """I5: invoices are seen by sales; one that is overdue by the clock warns, once, until paid."""
    contact, name = platform.contact(), mark()
    deal = platform.deal(contact)
    due_at = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    invoice = {"source": "ledger", "external_id": name, "number": name, "currency": "EUR",
               "total": "119.00", "contact_id": contact["id"], "due_at": due_at}  # fmt: skip

    made = platform.api.post("/v1/invoices", invoice)

    def warning() -> dict[str, Any]:
        return dict(
            platform.api.get(f"/v1/deals/{deal['id']}/customer-overdue")["customer_overdue"]
        )

    wait_until(lambda: warning()["count"] == 1, timeout=30)
    assert warning()["amount"] == {"amount": "119.00", "currency": "EUR"}
    about = platform.customer(contact["id"])["sections"]["contacts"]["data"]
    assert (about["overdue_invoices"], about["overdue_invoice_amounts"]) == (
        1,
        [warning()["amount"]],
    )
    assert "119" in console(platform, contact)
    platform.api.post("/v1/invoices", {**invoice, "status": "paid"})
    wait_until(lambda: warning()["count"] == 0)
    assert platform.api.get(f"/v1/invoices/{made['id']}")["overdue_at"]


def test_what_comes_before_its_buyer_is_kept_for_them_and_follows_a_merge(
    platform: Platform,
) -> None:
    """I6: nothing is lost for want of a customer; a merge takes purchases along, undone gives back."""
    name = mark()
    email = f"{name}@late.example"
    made = platform.api.post("/v1/orders", order(name, email))
    assert made["awaited"]["email"] == email

    late = platform.contact(emails=[{"value": email}])
    wait_until(lambda: newest(platform, late, "orders").get("id") == made["id"], timeout=30)
    survivor = platform.contact()
    path, body = f"/v1/contacts/{survivor['id']}/merge", {"absorbed_ids": [late["id"]]}
    merged = platform.api.request("POST", path, json=body, version=1).json()
    wait_until(lambda: newest(platform, survivor, "orders").get("id") == made["id"])
    platform.api.request("DELETE", f"/v1/merges/{merged['id']}")
    wait_until(lambda: newest(platform, late, "orders").get("id") == made["id"])


def test_a_batch_says_what_became_of_each(platform: Platform) -> None:
    """I6: carts, orders, discounts and taxes by the hundred; what does not add up is named."""
    contact, name = platform.contact(), mark()
    email = contact["emails"][0]["value"]
    bodies = [order(f"{name}-{n}", email, status="cart", discount="10") for n in range(100)]
    bodies.append(order(f"{name}-0", email, total="1"))
    operations = [{"op": "create", "body": body} for body in bodies]

    done = platform.once("POST", "/v1/orders/batch", json={"operations": operations}).json()

    assert [each["status"] for each in done["items"]] == [201] * 100 + [422]
    assert "total" in done["items"][-1]["problem"]["errors"]
    assert len(platform.items("/v1/orders", contact_id=contact["id"])) == 100


def test_nothing_differs_after_all_of_it(platform: Platform) -> None:
    wait_until(platform.is_quiet, timeout=60)

    assert platform.differences() == 0


def console(platform: Platform, contact: dict[str, Any]) -> str:
    """Return the customer's page as a signed-in person sees it."""
    with httpx.Client(base_url=platform.url, follow_redirects=True, trust_env=False) as browser:
        form = browser.get("/sign-in").text
        token = form.split('name="csrf_token" value="')[1].split('"')[0]
        browser.post(
            "/sign-in",
            data={"csrf_token": token, "email": platform.email, "password": platform.password},
            headers={"Referer": f"{platform.url}/sign-in"},
        )
        return browser.get(f"/customers/{contact['id']}").text
