"""One whole platform for all tests that need real processes of every role."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.running import Platform, up


@pytest.fixture(scope="session")
def platform_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the home of a running platform: CRM_TEST_PLATFORM_HOME, else one of this run."""
    given = os.environ.get("CRM_TEST_PLATFORM_HOME")
    if given:
        yield Path(given).resolve()
        return
    home = tmp_path_factory.mktemp("platform")
    with up(home):
        yield home


@pytest.fixture(scope="session")
def whole_platform(platform_home: Path) -> Iterator[Platform]:
    with Platform(platform_home) as running:
        yield running


@pytest.fixture
def platform(whole_platform: Platform) -> Platform:
    """Return the platform with every process running and ready, whatever the last test broke."""
    whole_platform.heal()
    return whole_platform
