"""RELIABILITY.md says what the results say, findings included."""

import pytest
from tests.chaos.reliability import is_clean, page

pytestmark = pytest.mark.unit
RESULT = {
    "scale": 0.1, "seed": 7, "kind": "short", "commit": "abc1234", "machine": "2 cores", "seconds": 120,
    "faults": {"kill.burst": 3, "link.stall": 1}, "skipped": {"database.disk_full": "no root"},
    "kills": 111, "kills_by_role": {"sales-work": 4, "sales-relay": 2}, "server_kills": 1,
    "crash_points": {"copy.after_fold": 2}, "requests": {"ok": 5, "unknown": 6}, "reads": 9,
    "boot_seconds": 10.5, "recovery_seconds": {"n": 2, "median": 3.0, "max": 4.0}, "findings": {},
}  # fmt: skip


def test_a_run_is_a_line():
    text = page([RESULT])

    assert (
        "| short | x 0.1 | 7 | abc1234 | 2.0 | 4 | 111 | 11 | 5 | 9 | 10.5 s | 3.0 s, 4.0 s | 0 |"
        in text
    )
    assert "relay 2, work 4; at crash points 2; of database and broker 1" in text
    assert "Skipped: database.disk_full (no root)." in text
    assert "kill.burst 3, link.stall 1." in text
    assert "`copy.after_fold` 2." in text
    assert "`write.after_effect`" in text.partition("Never reached: ")[2]
    assert text.endswith("None.\n")


def test_a_backup_says_how_old_it_was_and_what_went_with_it():
    text = page([RESULT | {"lost_with_backups": 12, "backup_age_seconds": {"max": 600.0}}])

    assert "backups: 1, the oldest 10.0 minutes old; 12 facts" in text


def test_only_a_clean_commit_counts():
    assert [True, False, False] == [is_clean(c) for c in ("abc1234", "abc1234-dirty", "unknown")]


def test_what_broke_is_said():
    text = page([RESULT | {"findings": {"copies": ["sales: 1 differences"]}}])

    assert "short run, seed 7: copies (1), for example: sales: 1 differences" in text
