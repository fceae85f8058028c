"""Incidents in the neutral form in which ways of reconciling reports are compared.

One JSON object per incident, with the field names of the annotated sets: members, parent, place,
number of independent sources, the values after updates and corrections, and what was superseded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from lightkeeper.claims.model import (
    CasualtyStatus,
    Certainty,
    Claim,
    ClaimId,
    ClaimKind,
    Count,
    OutageType,
)
from lightkeeper.claims.neutral import Json, neutral_place
from lightkeeper.incidents.model import (
    Fact,
    Incident,
    IncidentId,
    Reconciliation,
    Replacement,
    Superseded,
)
from lightkeeper.incidents.weapons import is_kind_of
from lightkeeper.region import Gazetteer
from lightkeeper.reports.model import ReportId

_PEOPLE = ("customers", "households", "people")
_HARMS = ("killed", "injured", "missing")
_TARGETS = (
    ("substation", "transformer", "power_line", "power_plant", "chp_plant"),
    ("energy_facility", "heat_facility", "gas_pipeline"),
    ("energy_system",),
)
"""Energy targets, those named most exactly first."""


_WARNINGS = (ClaimKind.ALERT, ClaimKind.ALL_CLEAR, ClaimKind.ADVICE, ClaimKind.FORECAST)


def home_of(found: Reconciliation) -> dict[ReportId, IncidentId]:
    """The one incident that a report is counted with: that of most of what it tells.

    What happened counts before what is only warned of, then the number of claims, then what the
    report tells first.
    """
    share: dict[tuple[ReportId, IncidentId], tuple[int, int, int]] = {}
    for incident in found.incidents:
        for claim in incident.claims:
            key = claim.report, incident.id
            happened, n, first = share.get(key, (0, 0, -claim.span.start))
            share[key] = (
                happened + (claim.kind not in _WARNINGS),
                n + 1,
                max(first, -claim.span.start),
            )
    best: dict[ReportId, tuple[tuple[int, int, int], IncidentId]] = {}
    for (report, incident_id), weight in share.items():
        best[report] = max(best.get(report, (weight, incident_id)), (weight, incident_id))
    return {report: incident_id for report, (_, incident_id) in best.items()}


def neutral_incidents(
    found: Reconciliation, names: Mapping[ReportId, str], gazetteer: Gazetteer
) -> list[dict[str, Json]]:
    """Return the incidents as lines of the neutral form.

    `names` are the ids of the set's reports. Each report is a member of one incident; an incident
    that no report is counted with comes last and names all that tell of it.
    """
    home = home_of(found)
    lines = []
    for incident in found.incidents:
        own = [r for r in incident.reports if home[r] == incident.id]
        line = _line(incident, own or incident.reports, names, gazetteer)
        line["also"] = [names[r] for r in incident.reports if r not in own]
        lines.append((not own, line))
    return [line for _, line in sorted(lines, key=lambda x: x[0])]


def _line(
    incident: Incident,
    members: Sequence[ReportId],
    names: Mapping[ReportId, str],
    gazetteer: Gazetteer,
) -> dict[str, Json]:
    places = [neutral_place(p, gazetteer) for p in incident.places]
    time = incident.time
    said: dict[str, Json] = {
        "id": incident.id,
        "title": incident.title,
        "kind": incident.kind,
        "members": [names[r] for r in members],
        "parent": incident.parent,
        "place": [str(p.get("name_en") or p.get("name")) for p in places],
        "independent_sources": incident.n_independent_sources,
        "source_groups": [[names[r] for r in g.reports] for g in incident.sources],
        "merged": merged_values(incident),
        "superseded": [
            line for s in incident.superseded for line in _superseded(s, incident, names)
        ],
    }
    if time is not None and (time.from_at or time.to_at):
        said["time"] = {
            "from": time.from_at.isoformat() if time.from_at else None,
            "to": time.to_at.isoformat() if time.to_at else None,
        }
    return said


def merged_values(incident: Incident) -> dict[str, Json]:
    """Values of an incident after updates and corrections; what nobody says is None or absent."""
    by_id = {c.id: c for c in incident.claims}
    supported = {r for g in incident.sources if g.adds_support for r in g.reports}
    told: dict[str, list[Fact]] = {}
    for fact in incident.facts:
        told.setdefault(fact.name, []).append(fact)
    standing = {c for f in incident.facts if f.name != "possible_second_attack" for c in f.claims}
    current = [
        c
        for c in incident.claims
        if c.id in standing and not c.is_negated and c.certainty is not Certainty.UNKNOWN
    ]
    backed = [c for c in current if c.report in supported] or current
    said: dict[str, Json] = {
        "explosions": _number(told.get("explosions", [])),
        "strikes": _number([f for f in told.get("strikes", []) if _unit(f) in (None, "strikes")]),
        "hit_locations": _number([f for f in told.get("strikes", []) if _unit(f) == "locations"]),
        "settlements": _number(
            [f for f in told.get("without_power", []) if _unit(f) == "settlements"]
        ),
        **_customers(incident, told, by_id),
        **_casualties(told, by_id),
        "residential_buildings": _number(told.get("damaged_buildings", [])),
        "heat_off_buildings": _count_of(backed, ClaimKind.SERVICES, "heat_off"),
        "warm_points": _count_of(backed, ClaimKind.ADVICE, None),
        "temperature_c": next(
            (c.temperature_c for c in current if c.temperature_c is not None), None
        ),
        **_weapons(current),
        "target": _target(backed),
        "outage_type": _outage_types(backed),
        "effect": [*sorted({c.effect for c in backed if _is_harm(c) and c.effect is not None})],
    }
    if incident.kind in ("outage_weather", "outage_technical"):
        said["strike"] = False
    return {name: value for name, value in said.items() if value not in (None, [])}


def _is_harm(claim: Claim) -> bool:
    return claim.kind in (ClaimKind.DAMAGE, ClaimKind.STRIKE)


def _unit(fact: Fact) -> str | None:
    return fact.count.unit if fact.count is not None else None


def _number(facts: Iterable[Fact]) -> Json:
    """The number of the first fact that has one; None where reports contradict each other."""
    return next((_count(f.count) for f in facts if f.count is not None), None)


def _count(count: Count | None) -> Json:
    if count is None:
        return None
    if count.best is not None and not count.approximate and count.min is None:
        return count.best
    return {
        "min": count.min,
        "best": count.best,
        "max": count.max,
        "approximate": count.approximate,
        "unit": count.unit,
    }


def _customers(
    incident: Incident, told: Mapping[str, Sequence[Fact]], by_id: Mapping[ClaimId, Claim]
) -> dict[str, Json]:
    """Most people without power at one time, and the number at the last word on it."""
    held = [f.count for f in told.get("without_power", []) if f.count is not None]
    past = [
        s.old_count
        for s in incident.superseded
        if s.field == "without_power" and s.how is Replacement.UPDATE and s.old_count is not None
    ]
    units = {c.unit or "customers" for c in (*held, *past)}
    unit = next((u for u in _PEOPLE if u in units), None)
    now = next((c for c in held if (c.unit or "customers") == unit), None)
    every = [c for c in (*held, *past) if (c.unit or "customers") == unit]
    is_back = any(
        by_id[c].effect == "full"
        for f in told.get("restored", [])
        for c in f.claims
        if by_id[c].kind is ClaimKind.RESTORED
    )
    peak = max(every, key=_size) if unit is not None else None
    return {
        "customers_peak": _count(peak),
        "customers_now": 0 if is_back else _count(now),
    }


def _size(count: Count) -> int:
    return next((n for n in (count.best, count.min, count.max) if n is not None), 0)


def _casualties(
    told: Mapping[str, Sequence[Fact]], by_id: Mapping[ClaimId, Claim]
) -> dict[str, Json]:
    facts = told.get("casualties", [])
    said: dict[str, Json] = {}
    for harm in _HARMS:
        said[harm] = _number([f for f in facts if _unit(f) == harm])
    statuses = [
        held.status
        for f in facts
        for c in f.claims
        if (held := by_id[c].casualties) is not None and f.count is None
    ]
    numbers = [f.count.best for f in facts if f.count is not None]
    if any(numbers):
        said["casualties"] = str(CasualtyStatus.COUNTED)
    elif numbers:
        said["casualties"] = str(CasualtyStatus.ZERO)
    elif statuses:
        said["casualties"] = str(statuses[-1])
        if statuses[-1] is CasualtyStatus.ZERO:
            said["killed"] = said["injured"] = 0
    return said


def _count_of(claims: Iterable[Claim], kind: ClaimKind, effect: str | None) -> Json:
    counts = [c.count for c in claims if c.kind is kind and (effect is None or c.effect == effect)]
    return next((_count(c) for c in counts if c is not None), None)


def _weapons(claims: Sequence[Claim]) -> dict[str, Json]:
    used = [c.weapons for c in claims if c.weapons is not None and c.kind is not ClaimKind.ALERT]
    said: dict[str, Json] = {}
    for name, is_either in (("weapon", False), ("weapon_alternatives", True)):
        items = {item for w in used if (w.mode == "either") == is_either for item in w.items}
        # A missile that another report calls a cruise missile is not a second weapon.
        said[name] = [
            item
            for item in sorted(items)
            if not any(x != item and is_kind_of(x, item) for x in items)
        ]
    return said


def _target(claims: Sequence[Claim]) -> Json:
    """What was hit: the energy target named most exactly, else what most say."""
    told = Counter(c.target for c in claims if _is_harm(c) and c.target is not None)
    exact = {target: i for i, targets in enumerate(_TARGETS) for target in targets}
    ranked = sorted(told, key=lambda t: (exact.get(t, len(_TARGETS)), -told[t], t))
    return ranked[0] if ranked else None


def _outage_types(claims: Sequence[Claim]) -> Json:
    known = sorted({c.outage_type for c in claims if c.outage_type is not None} - {_UNKNOWN})
    return str(known[0]) if len(known) == 1 else [str(k) for k in known]


_UNKNOWN = OutageType.UNKNOWN


def _superseded(
    item: Superseded, incident: Incident, names: Mapping[ReportId, str]
) -> list[dict[str, Json]]:
    """A replaced value under the names that the sets have for its field."""
    by_id = {c.id: c for c in incident.claims}
    old = [by_id[c] for c in item.claims if by_id[c].report != item.by]
    statuses = {c.casualties.status for c in old if c.casualties is not None}
    fields: list[str] = [item.field]
    before, after = _plain(item.old_count, item.old), _plain(item.new_count, item.new)
    if item.field in ("without_power", "power_back"):
        fields = ["customers"]
        if item.how is Replacement.UPDATE and item.old_count and item.new_count:
            is_less = _size(item.new_count) < _size(item.old_count)
            fields = ["customers_without_now"] if is_less else ["customers"]
    elif item.field == "casualties":
        unit = item.old_count.unit if item.old_count is not None else None
        fields = [unit] if unit in _HARMS else ["casualties.status"]
        if fields == ["casualties.status"]:
            before, after = next((str(s) for s in statuses), before), "counted"
    elif item.field in ("forecast", "repair"):
        fields, after = ["restoration_time"], None if item.new_count is None else after
    elif item.field == "damaged_buildings":
        fields = ["houses"]
    elif item.field == "outage":
        fields = ["outage"]
    return [{"field": f, "old": before, "new": after, "by": names[item.by]} for f in fields]


def _plain(count: Count | None, words: str) -> Json:
    if count is None:
        return words
    return count.best if count.best is not None else _count(count)
