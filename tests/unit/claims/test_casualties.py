"""Zero, none reported, not released and not mentioned are four things; silence is never zero."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lightkeeper.claims import CasualtyStatus, extract
from lightkeeper.region import Gazetteer, load_gazetteer
from lightkeeper.reports import make_report

ZERO = CasualtyStatus.ZERO
NONE_REPORTED = CasualtyStatus.NONE_REPORTED
NOT_RELEASED = CasualtyStatus.NOT_RELEASED


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_gazetteer()


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("У Полтаві вибухи. Постраждалих немає.", ZERO),
        ("У Полтаві вибухи. Постраждалих не було.", ZERO),
        ("У Полтаві вибухи. Обійшлося без постраждалих.", ZERO),
        ("У Полтаві вибухи. Інформації про постраждалих наразі немає.", NONE_REPORTED),
        ("У Полтаві вибухи. Про постраждалих не повідомляється.", NONE_REPORTED),
        ("У Полтаві вибухи. Інформації про загиблих і поранених не було.", NONE_REPORTED),
        ("У Полтаві вибухи. Дані про постраждалих не оприлюднювали.", NOT_RELEASED),
        ("У Полтаві вибухи. Кількість постраждалих не називають.", NOT_RELEASED),
        ("У Полтаві вибухи. Дані про постраждалих уточнюються.", NOT_RELEASED),
        ("Explosions in Poltava. There were no casualties.", ZERO),
        ("Explosions in Poltava. There is no information on casualties yet.", NONE_REPORTED),
        ("Explosions in Poltava. No casualties were reported.", NONE_REPORTED),
        ("Explosions in Poltava. Casualty figures have not been disclosed.", NOT_RELEASED),
        (
            "Explosions in Poltava. Authorities have not released information about casualties.",
            NOT_RELEASED,
        ),
        ("У Полтаві вибухи. Місто частково без світла.", None),
        ("Explosions in Poltava. It is not known whether there are casualties.", None),
    ],
)
def test_four_kinds_of_absence(
    gazetteer: Gazetteer, words: str, status: CasualtyStatus | None
) -> None:
    report = make_report("post", words, published_at=datetime(2026, 1, 10, tzinfo=UTC))
    told = [c.casualties for c in extract(report, gazetteer) if c.casualties is not None]
    assert [t.status for t in told] == ([] if status is None else [status])
    for casualties in told:
        numbers = (casualties.killed, casualties.injured)
        assert set(numbers) <= ({None, 0} if status is ZERO else {None})
