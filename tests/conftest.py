"""Fixtures shared by all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Evaluation material beside the repository; tests that need it are skipped without it."""
    if not SHARED.is_dir():
        pytest.skip(f"evaluation material not present at {SHARED}")
    return SHARED
