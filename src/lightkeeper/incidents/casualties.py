"""Casualties of one incident: killed, injured, missing, and the kinds of silence."""

from __future__ import annotations

from collections.abc import Sequence

from lightkeeper.claims.model import Casualties, CasualtyStatus, Claim, Count
from lightkeeper.incidents.gather import Gathered, Told
from lightkeeper.incidents.settle import settle_numbers
from lightkeeper.incidents.words import say_casualties

_HARMS = ("killed", "injured", "missing")


def merge_casualties(claims: Sequence[Claim], gathered: Gathered) -> None:
    """Add one fact for each number and each kind of silence that stands.

    A number told later than "not released" or "none reported" is an update of it. "None" beside
    "some" contradicts.
    """
    told = [(c, c.casualties) for c in claims if c.casualties is not None]
    counted: list[Claim] = []
    some: list[Claim] = []
    for harm in _HARMS:
        numbers = [
            (claim, Count(min=n, best=n, max=n, unit=harm))
            for claim, casualties in told
            if (n := _number(casualties, harm)) is not None
        ]
        if numbers:
            settle_numbers("casualties", numbers, [], harm, gathered)
            counted.extend(c for c, _ in numbers)
            some.extend(c for c, n in numbers if n.best)
    silent = [(c, k) for c, k in told if all(_number(k, harm) is None for harm in _HARMS)]
    standing = [(c, k) for c, k in silent if not _is_updated(c, k, counted, gathered)]
    for status in CasualtyStatus:
        same = [(c, k) for c, k in standing if k.status is status]
        if same:
            gathered.add("casualties", say_casualties(same[0][1]), [c for c, _ in same])
    none = [c for c, k in standing if k.status is CasualtyStatus.ZERO]
    some.extend(c for c, k in standing if k.status is CasualtyStatus.COUNTED)
    if none and some:
        sides = [Told("said to be none", tuple(none)), Told("some", tuple(some))]
        note = "One says that there are none, another that there are."
        gathered.contradict("casualties", sides, note)


def _number(casualties: Casualties, harm: str) -> int | None:
    match harm:
        case "killed":
            return casualties.killed
        case "injured":
            return casualties.injured
        case _:
            return casualties.missing


def _is_updated(
    claim: Claim, casualties: Casualties, counted: Sequence[Claim], gathered: Gathered
) -> bool:
    """Note a silence as superseded when a later report gives numbers."""
    newer = [c for c in counted if gathered.is_later(c, claim)]
    if not newer:
        return False
    first = min(newer, key=lambda c: (gathered.published(c), c.id))
    gathered.supersede(
        "casualties", Told(say_casualties(casualties), (claim,)), Told("numbers given", (first,))
    )
    return True
