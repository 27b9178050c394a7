"""Role x object x action x range, tried on every route of every service over HTTP."""

import pytest
from tests.rights.matrix import cells, operations

from crm_chassis import ids
from crm_chassis.rights import ACTIONS, ANYBODY, SPECIAL, Range
from crm_contracts import objects

pytestmark = pytest.mark.integration


class TestDeclarations:
    def test_every_route_says_what_it_needs(self, bench):
        assert [] == [each.name for each in operations(bench.app) if each.right is None]

    def test_what_they_need_exists_and_can_be_granted(self, bench):
        for each in operations(bench.app):
            right = each.right
            assert right.special in {None, *SPECIAL}, each.name
            if right.kind is not None:
                assert objects.object_of(right.kind) in objects.objects(), each.name
                assert right.action in ACTIONS, each.name

    def test_the_document_tells_it(self, bench):
        document = bench.app.extensions["openapi"]()
        told = {
            (method, path): operation.get("x-crm-right")
            for path, methods in document["paths"].items()
            if path.startswith("/v1/")
            for method, operation in methods.items()
            if isinstance(operation, dict) and "responses" in operation
        }

        assert told
        assert [] == [where for where, right in told.items() if right is None]

    def test_only_what_is_everybodys_asks_for_nothing(self, bench):
        assert [] == [each.name for each in operations(bench.app) if each.right.action == ANYBODY
                      and each.right.special is None]  # fmt: skip


class TestRecords:
    """Operations on a record: by its owner, by somebody of a team below, by a stranger."""

    @pytest.mark.parametrize(("range_", "relation", "reaches"), tuple(cells()))
    def test_the_range_of_the_action_decides(self, bench, range_, relation, reaches):
        headers = self.everything_with(bench, range_)

        wrong = []
        for each in self.on_records(bench):
            if each.right.action == "read":
                continue
            status = bench.try_(each, headers[each.right.action], self.of(bench, each, relation))
            if (status != 403) is not reaches:
                wrong.append((each.name, status))

        assert [] == wrong

    @pytest.mark.parametrize(("range_", "relation", "reaches"), tuple(cells()))
    def test_what_is_not_read_is_not_there(self, bench, range_, relation, reaches):
        everything = dict.fromkeys(ACTIONS, "all") | {"read": str(range_)}
        role = bench.role(dict.fromkeys(self.without_common(), everything))
        headers = bench.as_(str(role))

        wrong = []
        for each in self.on_records(bench):
            if objects.object_of(each.subject_kind) in objects.COMMON:
                continue
            status = bench.try_(each, headers, self.of(bench, each, relation))
            expected = self.reads_well(each) if reaches else {404}
            if status not in expected:
                wrong.append((each.name, status))

        assert [] == wrong

    def everything_with(self, bench, range_):
        """Headers by action: of somebody who reads all and does that action in a range."""
        made = {}
        for action in ACTIONS:
            grants = {"read": "all", action: str(range_)} if action != "read" else {"read": "all"}
            role = bench.role(dict.fromkeys(self.without_common(), grants))
            made[action] = bench.as_(str(role))
        return made

    def without_common(self):
        return [name for name in objects.objects() if name not in objects.COMMON]

    def on_records(self, bench):
        """Operations on records of objects that are not everybody's; reads have their own test."""
        return [
            each
            for each in operations(bench.app)
            if each.subject_kind and objects.object_of(each.subject_kind) not in objects.COMMON
        ]

    def of(self, bench, operation, relation):
        return bench.records[operation.subject_kind, relation]

    def reads_well(self, operation):
        """What an operation answers that was let through: its own business, never a refusal."""
        if operation.rule.rule.endswith(("/sensitive", "/customer-overdue")):
            return {200, 403, 404}  # for the owner and administrators; for who reads all invoices
        if operation.method == "GET" and operation.right.subject is None:
            return {200}
        return {200, 404, 422} if operation.method == "GET" else {422, 404, 200}


class TestCollections:
    """Operations that name no record: lists, new records, batches, special rights."""

    @pytest.mark.parametrize("range_", Range)
    def test_no_range_is_no_right(self, bench, range_):
        wrong = []
        for each in operations(bench.app):
            right = each.right
            if each.subject_kind or right.kind is None or self.is_common(right.kind):
                continue
            grants = {"read": "all", right.action: str(range_)}
            role = bench.role({objects.object_of(right.kind): grants})
            status = bench.try_(each, bench.as_(str(role)), ids.new())
            if (status == 403) is not (range_ is Range.NONE):
                wrong.append((each.name, status))

        assert [] == wrong

    def test_a_special_right_is_needed_and_enough(self, bench):
        wrong = []
        for each in operations(bench.app):
            if each.right.special is None:
                continue
            without = bench.role(
                dict.fromkeys(objects.objects(), dict.fromkeys(ACTIONS, "all")),
                special=[name for name in SPECIAL if name != each.right.special],
            )
            held = bench.role({}, special=[each.right.special])
            statuses = [
                bench.try_(each, bench.as_(str(role)), ids.new()) for role in (without, held)
            ]
            if statuses[0] != 403 or statuses[1] == 403:
                wrong.append((each.name, statuses))

        assert [] == wrong

    def test_an_administrator_is_refused_nothing(self, bench):
        headers = bench.as_("admin")

        statuses = {
            each.name: bench.try_(each, headers, ids.new()) for each in operations(bench.app)
        }

        assert {} == {
            name: status for name, status in statuses.items() if status in {401, 403, 500}
        }

    def test_who_only_reads_changes_nothing(self, bench):
        headers = bench.as_("read-only")
        changing = [
            each for each in operations(bench.app)
            if each.method != "GET" and each.right.action != "read"
        ]  # fmt: skip

        for each in changing:
            mine = bench.records.get((each.subject_kind, "own"), ids.new())
            assert bench.try_(each, headers, mine) == 403, each.name

    def is_common(self, kind):
        return objects.object_of(kind) in objects.COMMON


class TestRolesThatHaveNotArrived:
    def test_a_newer_role_than_the_copy_is_waited_for_and_refused_safely(self, bench):
        role = bench.role({name: {"read": "all"} for name in objects.objects()})
        listing = next(
            each for each in operations(bench.app)
            if each.method == "GET" and each.subject_kind is None and each.right.action == "read"
        )  # fmt: skip

        answer = bench.app.test_client().get(
            listing.path(ids.new()), headers=bench.as_(str(role), version=2)
        )

        assert answer.status_code == 503
        assert answer.headers["Retry-After"]

    def test_a_role_nobody_told_us_of_opens_nothing(self, bench):
        answer = bench.app.test_client().get(
            next(iter(operations(bench.app))).path(ids.new()), headers=bench.as_(str(ids.new()))
        )

        assert answer.status_code == 503
