from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lightkeeper.damage.model import Observation, SupplyState
from lightkeeper.region.model import DistrictId, FeederId
from lightkeeper.storage.spells import FeederSpell, Spells

T0 = datetime(2026, 1, 10, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def seen(
    feeder: str, state: SupplyState = SupplyState.DARK, at: datetime | None = None
) -> Observation:
    return Observation(
        state=state,
        district=None,
        feeder=FeederId(feeder),
        share_off=(1.0, 1.0) if state is SupplyState.DARK else (0.0, 0.0),
        at=at,
        source="feeder-off list",
    )


def spell(feeder: str, from_h: float, to_h: float | None) -> FeederSpell:
    return FeederSpell(
        feeder=FeederId(feeder),
        from_at=T0 + from_h * HOUR,
        to_at=None if to_h is None else T0 + to_h * HOUR,
    )


def test_a_feeder_is_off_from_the_first_list_with_it_to_the_next_without() -> None:
    spells = Spells()
    spells.note([seen("a"), seen("b")], T0)
    spells.note([seen("b")], T0 + 2 * HOUR)
    spells.note([seen("a"), seen("b")], T0 + 3 * HOUR)
    spells.note([seen("a")], T0 + 5 * HOUR)
    assert set(spells.all()) == {
        spell("a", 0, 2),
        spell("b", 0, 5),
        spell("a", 3, None),
    }


def test_the_time_a_list_gives_counts_before_the_time_it_came() -> None:
    spells = Spells()
    spells.note([seen("a", at=T0 - 3 * HOUR)], T0)
    assert spells.all() == (spell("a", -3, None),)


def test_what_is_on_or_of_a_district_is_no_spell() -> None:
    district = Observation(
        state=SupplyState.DARK,
        district=DistrictId("d"),
        feeder=None,
        share_off=(0.5, 1.0),
        at=T0,
        source="claim",
    )
    spells = Spells()
    spells.note([seen("a", SupplyState.SUPPLIED), district], T0)
    assert spells.all() == ()


def test_a_list_that_came_late_ends_no_spell_before_it_began() -> None:
    spells = Spells()
    spells.note([seen("a", at=T0 + HOUR)], T0)
    spells.note([], T0 + 0.5 * HOUR)
    assert spells.all() == (spell("a", 1, 1),)
