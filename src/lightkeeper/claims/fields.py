"""Compare the fields of a claim with those an annotator gave: which are right, which are not.

Only what the annotator says is compared. A number is right with every bound right, a time when it
covers half of what both cover together, a class over the annotated one (a drone for a Shahed)
counts as wrong: it says less.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from lightkeeper.claims.neutral import Json

MINUTES_APART = 10
"""So far may instants lie apart that stand for the same moment."""
DEFAULTS: Mapping[str, Json] = {
    "layer": "incident", "certainty": "stated", "attributed_to": "self",
}  # fmt: skip
ALWAYS_SAID = tuple(DEFAULTS)


def compare_fields(gold: Mapping[str, Json], said: Mapping[str, Json]) -> dict[str, bool]:
    """Return, for every field that the annotator gave, whether the claim has it right."""
    right: dict[str, bool] = {}
    for name, compare in _COMPARE.items():
        wanted = gold.get(name, DEFAULTS.get(name))
        if wanted in (None, [], {}) or (name == "outage_type" and wanted == "unknown"):
            continue
        right[name] = compare(wanted, said.get(name))
    return right


def _equal(wanted: Json, said: Json) -> bool:
    return said in wanted if isinstance(wanted, list) else said == wanted


def _bounds(wanted: Json, said: Json) -> bool:
    wanted, said = _as_bounds(wanted), _as_bounds(said)
    if not isinstance(wanted, dict) or not isinstance(said, dict):
        return False
    told = (k for k in ("min", "best", "max") if wanted.get(k) is not None)
    return all(said.get(k) == wanted[k] for k in told) and (
        bool(said.get("approximate")) is bool(wanted.get("approximate"))
    )


def _as_bounds(value: Json) -> Json:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"min": value, "best": value, "max": value}
    return value


def _casualties(wanted: Json, said: Json) -> bool:
    if not isinstance(wanted, dict) or not isinstance(said, dict):
        return False
    # Of "nobody was hurt" it is all one whether the dead are counted as none or not told.
    none = 0 if wanted.get("status") == "zero" else None
    return wanted.get("status") == said.get("status") and all(
        (wanted.get(k) or none) == (said.get(k) or none) for k in ("killed", "injured", "missing")
    )


def _weapon(wanted: Json, said: Json) -> bool:
    if not isinstance(wanted, dict) or not isinstance(said, dict):
        return False
    ours, theirs = said.get("items"), wanted.get("items")
    if not isinstance(ours, list) or not isinstance(theirs, list):
        return False
    return {str(i) for i in ours} == {str(i) for i in theirs} and (
        said.get("mode") == wanted.get("mode")
    )


def _class(wanted: Json, said: Json) -> bool:
    classes = wanted.get("class") if isinstance(wanted, dict) else wanted
    return isinstance(said, dict) and _equal(classes, said.get("class"))


def _time(wanted: Json, said: Json) -> bool:
    if not isinstance(wanted, dict) or not isinstance(said, dict):
        return False
    a, b, c, d = (_minute(x.get(k)) for x in (wanted, said) for k in ("from", "to"))
    if b is None or d is None:
        # What begins then, with an open end.
        return b is d and a is not None and c is not None and abs(a - c) <= MINUTES_APART
    if a is None or c is None:
        return a is c and abs(b - d) <= MINUTES_APART
    if b - a <= 1:
        return abs(a - c) <= MINUTES_APART and abs(b - d) <= MINUTES_APART
    return max(0.0, min(b, d) - max(a, c)) / max(max(b, d) - min(a, c), 1.0) >= 0.5


def _minute(instant: Json) -> float | None:
    return datetime.fromisoformat(str(instant)).timestamp() / 60 if instant else None


_COMPARE: Mapping[str, Callable[[Json, Json], bool]] = {
    "count": _bounds,
    "customers": _bounds,
    "casualties": _casualties,
    "weapon": _weapon,
    "target": _class,
    "effect": _equal,
    "outage_type": _equal,
    "certainty": _equal,
    "attributed_to": _equal,
    "layer": _equal,
    "time": _time,
    "alert_type": _equal,
    "temperature_c": _equal,
}
