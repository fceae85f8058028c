"""What tests of claims share: the gazetteer, and a short way from words to claims."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from lightkeeper.claims import Claim, extract
from lightkeeper.region.gazetteer import Gazetteer, load_gazetteer
from lightkeeper.reports import make_report, title_of

Read = Callable[..., list[Claim]]


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return load_gazetteer()


@pytest.fixture(scope="session")
def read(gazetteer: Gazetteer) -> Read:
    """Read the claims of a text: `read(text, at="2026-01-10T06:30+02:00", channel=...)`."""

    def claims_of(text: str, *, at: str | None = None, channel: str | None = None) -> list[Claim]:
        report = make_report(
            "desk",
            text,
            channel=channel,
            published_at=datetime.fromisoformat(at) if at else None,
            title=title_of(text),
        )
        return extract(report, gazetteer)

    return claims_of
