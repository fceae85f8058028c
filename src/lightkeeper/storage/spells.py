"""How long feeders have been without power, as operators' lists told it one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lightkeeper.damage.model import Observation, SupplyState
from lightkeeper.region.model import FeederId


@dataclass(frozen=True, slots=True, kw_only=True)
class FeederSpell:
    """A feeder off from one list to another; `to_at` is None while the latest list has it."""

    feeder: FeederId
    from_at: datetime
    to_at: datetime | None


class Spells:
    """Spells under construction: off from the first list with a feeder to the next without it."""

    def __init__(self) -> None:
        self._since: dict[FeederId, datetime] = {}
        self._ended: list[FeederSpell] = []

    def note(self, in_force: Iterable[Observation], at: datetime) -> None:
        """Take all lists in force from now on; feeders count from the time their list gives."""
        off = {
            o.feeder: o.at or at
            for o in in_force
            if o.feeder is not None and o.state is SupplyState.DARK
        }
        for feeder in [f for f in self._since if f not in off]:
            since = self._since.pop(feeder)
            self._ended.append(FeederSpell(feeder=feeder, from_at=since, to_at=max(at, since)))
        for feeder, since in off.items():
            self._since.setdefault(feeder, since)

    def all(self) -> tuple[FeederSpell, ...]:
        """Every spell, those that go on last."""
        going_on = (FeederSpell(feeder=f, from_at=t, to_at=None) for f, t in self._since.items())
        return (*self._ended, *going_on)
