"""Adding up orders and invoices, exactly: what is said twice has to agree."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from crm_contacts.model.errors import DoesNotAddUp

NOTHING = Decimal(0)
_CENT = Decimal("0.01")
# ISO 4217: currencies whose smallest unit is not a hundredth.
_WHOLE = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
_THOUSANDTHS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line as a source says it; its total may be left to us."""

    sku: str | None = None
    name: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal = NOTHING
    tax: Decimal = NOTHING
    total: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The sums as a source says them; what it leaves out is worked out."""

    currency: str
    lines: Sequence[Line] = ()
    subtotal: Decimal | None = None
    discount: Decimal = NOTHING
    tax: Decimal | None = None
    tax_included: bool = False
    shipping: Decimal = NOTHING
    total: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What it comes to; `lines` are ready for JSON."""

    lines: list[dict[str, Any]]
    subtotal: Decimal
    discount: Decimal
    tax: Decimal
    shipping: Decimal
    total: Decimal


def smallest_unit(currency: str) -> Decimal:
    """Return the smallest amount of a currency that can be paid."""
    if currency in _WHOLE:
        return Decimal(1)
    return Decimal("0.001") if currency in _THOUSANDTHS else _CENT


def added_up(said: Said) -> Sums:
    """Work out what was left out and check the rest. Raises DoesNotAddUp naming each field.

    A line is quantity * price - discount, at most one smallest unit off for rounding. The total is
    subtotal - discount + shipping, and + tax unless prices hold it already.
    """
    unit = smallest_unit(said.currency)
    faults: dict[str, list[str]] = {}
    totals = [_line_total(line, unit, f"lines.{n}", faults) for n, line in enumerate(said.lines)]
    tax = _tax(said, unit, faults)
    extra = said.shipping - said.discount + (NOTHING if said.tax_included else tax)
    subtotal = _subtotal(said, totals, extra, faults)
    total = subtotal + extra
    if said.total is not None and said.total != total:
        faults["total"] = [f"says {said.total}, but it comes to {total}"]
    if total < 0 and not faults:
        faults["discount"] = ["more than all of it"]
    if faults:
        raise DoesNotAddUp(faults)
    lines = [
        in_json({**asdict(line), "total": worth})
        for line, worth in zip(said.lines, totals, strict=True)
    ]
    return Sums(
        lines=lines, subtotal=subtotal, discount=said.discount, tax=tax, shipping=said.shipping,
        total=total,
    )  # fmt: skip


def part_of(
    amounts: Iterable[Mapping[str, Any]], whole: Decimal, *, field: str
) -> tuple[Decimal, list[dict[str, Any]]]:
    """Return what amounts come to, and themselves ready for JSON. Raises DoesNotAddUp."""
    kept = [dict(each) for each in amounts]
    together = sum((each["amount"] for each in kept), NOTHING)
    if together > whole:
        raise DoesNotAddUp({field: [f"come to {together}, more than all of it: {whole}"]})
    return together, [in_json(each) for each in kept]


def in_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as JSON holds them: amounts and times as text."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value.as_tuple().exponent not in {0, -2} else str(value)
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def _line_total(line: Line, unit: Decimal, where: str, faults: dict[str, list[str]]) -> Decimal:
    exact = line.quantity * line.unit_price - line.discount
    if exact < 0:
        faults[f"{where}.discount"] = ["more than the line"]
    if line.total is None:
        return exact.quantize(unit, ROUND_HALF_UP)
    if abs(line.total - exact) > unit:
        faults[f"{where}.total"] = [f"says {line.total}, but it comes to {exact}"]
    return line.total


def _tax(said: Said, unit: Decimal, faults: dict[str, list[str]]) -> Decimal:
    """The tax of the whole; that of the lines may differ by their rounding."""
    of_lines = sum((line.tax for line in said.lines), NOTHING)
    if said.tax is None:
        return of_lines
    if of_lines and abs(of_lines - said.tax) > unit * len(said.lines):
        faults["tax"] = [f"says {said.tax}, but that of the lines comes to {of_lines}"]
    return said.tax


def _subtotal(
    said: Said, totals: Sequence[Decimal], extra: Decimal, faults: dict[str, list[str]]
) -> Decimal:
    together = sum(totals, NOTHING)
    if totals:
        if said.subtotal is not None and said.subtotal != together:
            faults["subtotal"] = [f"says {said.subtotal}, but the lines come to {together}"]
        return together
    if said.subtotal is not None:
        return said.subtotal
    if said.total is None:
        faults["total"] = ["without lines, say the total"]
        return NOTHING
    return said.total - extra
