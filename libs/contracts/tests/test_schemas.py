"""The committed schemas are kept, and a planted breach of each kind is caught."""

import copy
import json
from pathlib import Path

import jsonschema_rs
import pytest

import crm_contracts
from crm_contracts import FACTS
from crm_contracts.__main__ import main
from crm_contracts.samples import sample_body
from crm_contracts.schema import breaking

PACKAGE = Path(crm_contracts.__file__).parent
WON = "sales.deal.won.v1"


def _schema(fact_type):
    return json.loads((PACKAGE / "schemas" / f"{fact_type}.json").read_text())


@pytest.mark.parametrize("fact_type", FACTS)
class TestEverySchema:
    def test_accepts_its_sample(self, fact_type):
        strict = jsonschema_rs.validator_for(_schema(fact_type), validate_formats=True)

        assert [] == list(strict.iter_errors(json.loads(sample_body(fact_type))))

    def test_refuses_a_record_without_an_id(self, fact_type):
        body = json.loads(sample_body(fact_type))
        del body["data"]["record"]["id"]

        assert not jsonschema_rs.is_valid(_schema(fact_type), body)


class TestBreaking:
    def _planted(self, change):
        old = _schema(WON)
        new = copy.deepcopy(old)
        change(new["$defs"]["Deal"])
        return breaking(old, new)

    def test_allows_an_added_field_with_a_default(self):
        def add(deal):
            deal["properties"]["colour"] = {"type": "string", "default": ""}

        assert self._planted(add) == []

    def test_allows_other_words(self):
        def reword(deal):
            deal["description"] = "Another sentence."

        assert self._planted(reword) == []

    @pytest.mark.parametrize(
        "breach",
        [
            lambda deal: deal["properties"].pop("amount"),
            lambda deal: deal["properties"]["name"].update(type="integer"),
            lambda deal: deal["properties"]["lost_reason"]["anyOf"].pop(),
            lambda deal: deal["properties"]["contact_ids"]["items"].update(format="email"),
            lambda deal: deal["required"].remove("name"),
            lambda deal: deal["required"].append("lost_reason"),
            lambda deal: deal["properties"].update(colour={}) or deal["required"].append("colour"),
            lambda deal: deal["properties"]["status"].update(enum=["open"]),
        ],
    )
    def test_catches_a_planted_breach(self, breach):
        assert len(self._planted(breach)) == 1

    def test_sees_through_references(self):
        old = _schema(WON)
        new = copy.deepcopy(old)
        del new["$defs"]["Money"]["properties"]["currency"]

        assert "$.data.record.amount" in breaking(old, new)[0]


class TestCommand:
    def _committed(self, folder):
        assert main(["generate", "--package", str(folder), "--docs", str(folder)]) == 0
        return folder / "schemas" / f"{WON}.json"

    def _check(self, folder):
        return main(["check", "--package", str(folder), "--docs", str(folder)])

    def test_what_is_committed_is_what_the_code_says(self):
        assert main(["check"]) == 0

    def test_generated_pages_pass(self, tmp_path):
        self._committed(tmp_path)

        assert self._check(tmp_path) == 0

    def test_a_breaking_change_is_neither_passed_nor_overwritten(self, tmp_path, capsys):
        path = self._committed(tmp_path)
        schema = json.loads(path.read_text())
        schema["$defs"]["Deal"]["properties"]["yacht"] = {"type": "string"}
        path.write_text(json.dumps(schema))

        assert self._check(tmp_path) == 1
        assert main(["generate", "--package", str(tmp_path), "--docs", str(tmp_path)]) == 1
        assert "yacht: gone" in capsys.readouterr().err
        assert json.loads(path.read_text()) == schema

    def test_a_fact_that_is_gone_is_named(self, tmp_path, capsys):
        self._committed(tmp_path).rename(tmp_path / "schemas" / "sales.deal.sunk.v1.json")

        assert self._check(tmp_path) == 1
        assert "sales.deal.sunk.v1: was published and is gone" in capsys.readouterr().err

    def test_a_stale_page_is_named(self, tmp_path, capsys):
        self._committed(tmp_path)
        (tmp_path / "events.md").write_text("old")

        assert self._check(tmp_path) == 1
        assert "events.md" in capsys.readouterr().err
