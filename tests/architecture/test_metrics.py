"""Every metric is documented, shown and watched; nobody asks for one that is not there."""

import json
import re

import house
import pytest
import yaml

from crm_chassis.metrics import catalogue

pytestmark = pytest.mark.unit
NAMES = {entry.name for entry in catalogue.entries()}
PROMISED = {
    "outbox_oldest_seconds", "outbox_depth", "relay_leader", "critical_time_seconds",
    "inbox_duplicates_total", "parked_messages", "view_lag_seconds", "view_divergence_total",
    "http_server_request_duration_seconds", "messaging_client_sent_messages_total",
    "messaging_client_consumed_messages_total", "messaging_process_duration_seconds",
    "messaging_client_operation_duration_seconds",
}  # fmt: skip
PERSONAL = re.compile(r"email|phone|person|user|customer|subject|_id$|actor")


def alerts():
    file = house.ROOT / "deploy/prometheus/alerts.yml"
    return yaml.safe_load(file.read_text())["groups"][0]["rules"]


def panels():
    board = json.loads((house.ROOT / "deploy/grafana/rapport.json").read_text())
    return [(panel["title"], panel["targets"][0]["expr"]) for panel in board["panels"]]


def asked(expression):
    """Names of metrics in a query: words that are neither functions nor labels."""
    bare = re.sub(r"\b(by|without|on) \([^)]*\)|\{[^}]*\}", "", expression)
    found = re.findall(r"\b([a-z]+(?:_[a-z]+)+)\b(?!\()", bare)
    return {re.sub(r"_(bucket|count|sum)$", "", name) for name in found}


def test_the_promised_ones_exist():
    assert set() == PROMISED - NAMES


def test_the_page_is_what_the_instruments_say():
    assert (house.ROOT / "docs/metrics.md").read_text() == catalogue.page()


def test_no_label_holds_a_person_or_an_id():
    labels = {(e.name, label) for e in catalogue.entries() for label in e.labels}

    assert [] == [each for each in labels if PERSONAL.search(each[1])]


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_each_is_watched_and_shown(name):
    assert any(name in asked(rule["expr"]) for rule in alerts())
    assert any(name in asked(expression) for _, expression in panels())


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_what_exists_and_says_what_to_do(rule):
    assert asked(rule["expr"]) <= NAMES
    assert (house.ROOT / rule["annotations"]["runbook"]).exists()


@pytest.mark.parametrize(("title", "expression"), panels())
def test_a_panel_asks_for_what_exists(title, expression):
    assert set() != asked(expression) <= NAMES, title


def test_an_unknown_name_is_found():
    assert {"no_such_metric"} == asked("sum by (a_label) (rate(no_such_metric_count[5m]))")
