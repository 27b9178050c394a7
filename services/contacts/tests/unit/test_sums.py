"""Orders and invoices add up, or say where they do not."""

from decimal import Decimal

import pytest

from crm_contacts.model.errors import DoesNotAddUp
from crm_contacts.model.sums import Line, Said, added_up, part_of, smallest_unit

pytestmark = pytest.mark.unit


def line(quantity: str, price: str, **more: str) -> Line:
    given = {name: Decimal(value) for name, value in more.items()}
    return Line(name="Pump", quantity=Decimal(quantity), unit_price=Decimal(price), **given)


def said(*lines: Line, currency: str = "EUR", **more: str) -> Said:
    given = {name: Decimal(value) for name, value in more.items()}
    return Said(currency=currency, lines=lines, **given)


class TestWhatIsLeftOut:
    def test_is_worked_out(self):
        sums = added_up(
            said(
                line("2", "499.00", discount="98.00", tax="171.00"),
                line("3", "0.335"),
                shipping="29",
                discount="10",
            )
        )

        assert [each["total"] for each in sums.lines] == ["900.00", "1.01"]
        assert (sums.subtotal, sums.tax, sums.total) == (
            Decimal("901.01"),
            Decimal("171.00"),
            Decimal("1091.01"),
        )

    def test_tax_that_prices_hold_is_not_added(self):
        sums = added_up(
            Said(
                currency="EUR",
                lines=[line("1", "119")],
                tax=Decimal(19),
                tax_included=True,
            )
        )

        assert (sums.tax, sums.total) == (Decimal(19), Decimal(119))

    @pytest.mark.parametrize(("currency", "total"), [("JPY", "334"), ("KWD", "333.500")])
    def test_is_rounded_to_what_can_be_paid(self, currency, total):
        assert added_up(said(line("1", "333.5"), currency=currency)).total == Decimal(total)

    def test_without_lines_the_total_is_enough(self):
        sums = added_up(said(total="119", tax="19"))

        assert (sums.subtotal, sums.total) == (Decimal(100), Decimal(119))


class TestWhatIsSaidTwice:
    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            (said(line("2", "10", total="21")), "lines.0.total"),
            (said(line("2", "10"), subtotal="19"), "subtotal"),
            (said(line("2", "10"), total="19.99"), "total"),
            (said(line("2", "10", tax="4"), tax="5"), "tax"),
            (said(line("2", "10", discount="21")), "lines.0.discount"),
            (said(line("2", "10"), discount="21"), "discount"),
            (said(), "total"),
        ],
    )
    def test_has_to_agree(self, wrong, field):
        with pytest.raises(DoesNotAddUp) as refused:
            added_up(wrong)

        assert list(refused.value.errors) == [field]

    def test_a_line_may_be_rounded_either_way(self):
        assert added_up(said(line("3", "0.335", total="1.00"))).total == Decimal("1.00")


class TestParts:
    def test_come_to_no_more_than_the_whole(self):
        parts = [{"amount": Decimal(6)}, {"amount": Decimal(4)}]

        together, _ = part_of(parts, Decimal(10), field="refunds")

        assert together == Decimal(10)
        with pytest.raises(DoesNotAddUp):
            part_of(parts, Decimal("9.99"), field="refunds")


def test_smallest_units_are_those_of_the_currency():
    assert [smallest_unit(each) for each in ("EUR", "JPY", "KWD")] == [
        Decimal("0.01"),
        Decimal(1),
        Decimal("0.001"),
    ]
