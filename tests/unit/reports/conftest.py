"""What several tests of reports stand on."""

from __future__ import annotations

import pytest

from lightkeeper.region import Gazetteer, load_gazetteer


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return load_gazetteer()
