"""The house rules hold; each has a planted breach that proves it bites."""

import hashlib
import re
import statistics
from collections.abc import Callable
from pathlib import Path

import house
import pytest

import crm_contracts

pytestmark = pytest.mark.unit
Check = Callable[[str], list[int]]


def breaches(check: Check, paths: list[Path], *, but: Callable[[Path], bool]) -> list[str]:
    return [
        f"{path.relative_to(house.ROOT)}:{line}"
        for path in paths
        if not but(path)
        for line in check(path.read_text())
    ]


def in_room(*rooms: str) -> Callable[[Path], bool]:
    return lambda path: house.room_of(path) in rooms


class TestServices:
    def test_only_the_chassis_commits(self):
        found = breaches(house.commits, list(house.service_sources()), but=lambda _: False)

        assert [] == found

    def test_only_queries_select(self):
        found = breaches(house.selects, list(house.service_sources()), but=in_room("queries"))

        assert [] == found

    def test_only_the_chassis_makes_times_and_ids(self):
        found = breaches(house.times_and_ids, list(house.service_sources()), but=lambda _: False)

        assert [] == found

    def test_only_settings_reads_the_environment(self):
        paths = list(house.service_sources())
        found = breaches(house.environment_reads, paths, but=in_room("settings", "__main__"))

        assert [] == found

    @pytest.mark.parametrize("service", house.SERVICES)
    def test_every_domain_service_has_the_same_rooms(self, service):
        package = house.ROOT / f"services/{service}/src/crm_{service}"
        rooms = {p.name.removesuffix(".py") for p in package.iterdir() if p.suffix in {"", ".py"}}

        assert house.ROOMS == rooms - {"__pycache__"}

    @pytest.mark.parametrize("service", [*house.SERVICES, "gateway"])
    def test_the_readme_is_one_screen_and_lists_every_fact(self, service):
        readme = (house.ROOT / f"services/{service}/README.md").read_text()
        facts = [t for t in crm_contracts.FACTS if t.startswith(f"{service}.")]

        assert [] == [t for t in facts if t.removesuffix(".v1") not in readme]
        assert len(readme.splitlines()) <= 60


class TestChassis:
    def test_has_the_rooms_it_was_given(self):
        package = house.ROOT / "libs/chassis/src/crm_chassis"
        rooms = {p.name.removesuffix(".py") for p in package.iterdir() if p.suffix in {"", ".py"}}

        assert house.CHASSIS_ROOMS == rooms - {"__pycache__"}

    def test_knows_no_business_noun(self):
        paths = list(house.sources("libs/chassis/src"))
        found = breaches(house.business_nouns, paths, but=in_room("testing"))

        assert [] == found

    def test_time_and_ids_are_made_in_one_place(self):
        paths = list(house.sources("libs/chassis/src"))
        found = breaches(house.times_and_ids, paths, but=in_room("clock", "ids", "testing"))

        assert [] == found

    def test_released_spine_migrations_stay_as_they_are(self):
        spine = house.ROOT / "libs/chassis/src/crm_chassis/db/spine_1.sql"
        released = (house.ROOT / "tests/architecture/spine_1.sha256").read_text().strip()

        assert released == hashlib.sha256(spine.read_bytes()).hexdigest()


class TestSizes:
    def all_sources(self) -> list[Path]:
        return list(house.sources("libs", "services", "clients"))

    def test_no_module_is_over_budget(self):
        found = {
            str(path.relative_to(house.ROOT)): lines
            for path in self.all_sources()
            if "/src/" in str(path)
            and (lines := len(path.read_text().splitlines())) > house.LONGEST_MODULE
        }

        assert {} == found

    def test_functions_are_short(self):
        sizes = [
            (f"{path.relative_to(house.ROOT)}:{name}", size)
            for path in self.all_sources()
            if "/src/" in str(path)
            for name, size in house.functions(path.read_text())
        ]

        assert [] == [each for each in sizes if each[1] > house.LONGEST_FUNCTION]
        assert statistics.quantiles([s for _, s in sizes], n=10)[-1] <= house.USUAL_FUNCTION


class TestPlantedBreaches:
    @pytest.mark.parametrize(
        ("check", "source"),
        [
            (house.commits, "def f(session):\n    session.commit()\n"),
            (house.commits, "def f(session):\n    with session.begin():\n        pass\n"),
            (house.selects, "def f(s):\n    return s.scalars(select(Deal))\n"),
            (house.selects, 'SQL = "select id from deal"\n'),
            (house.selects, 'SQL = """\nwith x as (select 1) select a from x\n"""\n'),
            (house.times_and_ids, "from datetime import datetime\nat = datetime.now()\n"),
            (house.times_and_ids, "import uuid\nid = uuid.uuid4()\n"),
            (house.environment_reads, "import os\nx = os.environ['A']\n"),
            (house.broad_excepts, "try:\n    f()\nexcept Exception:\n    pass\n"),
            (house.business_nouns, "def save(deal): ...\n"),
        ],
    )
    def test_is_found(self, check, source):
        assert check(source)

    def test_a_long_function_is_measured(self):
        source = "def f():\n" + "    x = 1\n" * 60

        assert [("f", 61)] == list(house.functions(source))


@pytest.mark.parametrize("service", ["contacts", "sales", "marketing", "support", "gateway"])
def test_migrations_stand_in_one_line(service: str) -> None:
    files = sorted((house.ROOT / "services" / service / "migrations" / "versions").glob("*.py"))
    named = [re.findall(r"^(?:down_)?revision = (.+)$", f.read_text(), re.MULTILINE) for f in files]
    before = [down for _, down in named]

    assert len(set(before)) == len(before), "two migrations follow the same one"
    assert len({own for own, _ in named} - set(before)) == 1
