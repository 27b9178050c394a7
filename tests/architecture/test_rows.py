"""Each capability that is said to be there is shown by a flow through the gateway."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_NAMED = re.compile(r"\b([A-Z]\d+)\b")
CAPABILITIES = [
    *(f"C{number}" for number in range(1, 24)),
    *(f"W{number}" for number in range(1, 5)),
    "G1", "G3", "G7", "I3", "I5", "I6", "I12", "U7",
]  # fmt: skip


def named() -> set[str]:
    """Return the capabilities that docstrings of flows name."""
    texts = (file.read_text() for file in (ROOT / "tests" / "flows").glob("test_*.py"))
    told = (part for text in texts for part in text.split('"""')[1::2])
    return {found for each in told for found in _NAMED.findall(each)}


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_is_shown_by_a_flow(capability: str) -> None:
    assert capability in named()
