"""Compare what is read with what annotators read: by kind, with the errors listed.

A set is JSON Lines: posts with gold claims, or headlines with the places they name. News texts
with incident templates, and folders or files of plain reports, can only be exported. The table here
shows at once what a change did; it is simpler than the scorers of such sets, which also weigh every
field.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from lightkeeper.claims.extract import ExtractOptions, extract, read_places
from lightkeeper.claims.fields import compare_fields
from lightkeeper.claims.folding import fold
from lightkeeper.claims.model import Claim, ClaimKind, Layer
from lightkeeper.claims.neutral import Json, neutral_claim, neutral_place
from lightkeeper.claims.templates import read_templates
from lightkeeper.errors import InputError
from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.region.model import PlaceCode, PlaceLevel
from lightkeeper.reports.model import Report
from lightkeeper.reports.read import make_report

HIT_KM = 15.0
"""A place nearer than this to the annotated one counts as the same: both are points of towns."""

SPEAKS_FOR = {
    "city_admin": PlaceLevel.SETTLEMENT,
    "mayor": PlaceLevel.SETTLEMENT,
    "raion_admin": PlaceLevel.RAION,
    "oblast_admin": PlaceLevel.OBLAST,
    "dso": PlaceLevel.OBLAST,
    "emergency": PlaceLevel.COUNTRY,
    "prosecutor": PlaceLevel.COUNTRY,
    "tso": PlaceLevel.COUNTRY,
    "ministry": PlaceLevel.COUNTRY,
    "regulator": PlaceLevel.COUNTRY,
    "air_force": PlaceLevel.COUNTRY,
    "military": PlaceLevel.COUNTRY,
    "railway": PlaceLevel.COUNTRY,
}
"""How wide bodies speak, by the types of channels in annotated sets; a name may narrow it."""

ACCEPTED = frozenset({
    frozenset({"strike", "damage"}), frozenset({"schedule", "effect_outage"}),
    frozenset({"forecast", "repair"}), frozenset({"unknown_stated", "casualties"}),
    frozenset({"strike", "explosions"}),
})  # fmt: skip
"""Kinds that annotators may tell one and the same assertion by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One report of a set with its gold; None where the set has none of that sort."""

    id: str
    report: Report
    gold_claims: tuple[dict[str, Json], ...] | None = None
    gold_places: tuple[dict[str, Json], ...] | None = None
    has_templates: bool = False
    """A news text whose gold is a key of incident templates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read of one item."""

    item: Item
    claims: tuple[Claim, ...]
    places: tuple[dict[str, Json], ...]
    templates: tuple[dict[str, Json], ...] = ()

    def line(self, gazetteer: Gazetteer) -> dict[str, Json]:
        """Return the reading in the neutral form."""
        if self.item.has_templates:
            return {"docid": self.item.id, "templates": list(self.templates)}
        claims: list[Json] = [dict(neutral_claim(c, gazetteer)) for c in self.claims]
        said: dict[str, Json] = {"id": self.item.id, "claims": claims}
        if self.item.gold_places is not None:
            said["places"] = [dict(p) for p in self.places]
        return said


@dataclass(slots=True)
class Tally:
    """Of one kind: `n_gold` that had to be found and `n_found` of them; `n_read` claims of the
    incident layer that count and `n_right` of them."""

    n_gold: int = 0
    n_found: int = 0
    n_read: int = 0
    n_right: int = 0

    @property
    def recall(self) -> float | None:
        """Share found; None when nothing had to be."""
        return self.n_found / self.n_gold if self.n_gold else None

    @property
    def precision(self) -> float | None:
        """Share right; None when nothing was read."""
        return self.n_right / self.n_read if self.n_read else None


@dataclass(slots=True)
class Evaluation:
    """The table by kind, and the errors: (sort, item, words).

    `fields` counts, for claims that were found, how often each field was compared and right; in
    `mistaken`, the errors of each kind by sort.
    """

    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    fields: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    mistaken: dict[str, dict[str, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )
    errors: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def field_accuracy(self) -> float | None:
        """Mean over the fields of the share that is right; None when none was compared."""
        shares = [t.precision for t in self.fields.values() if t.precision is not None]
        return sum(shares) / len(shares) if shares else None

    @property
    def total(self) -> Tally:
        """All kinds together."""
        rows = self.tallies.values()
        return Tally(
            sum(r.n_gold for r in rows), sum(r.n_found for r in rows),
            sum(r.n_read for r in rows), sum(r.n_right for r in rows),
        )  # fmt: skip


def read_set(lines: Iterable[str], where: str) -> list[Item]:
    """Read a set of posts, headlines or news texts with templates; the keys tell the layout.

    Raises
    ------
    InputError
        A line is no JSON object of either layout.
    """
    items: list[Item] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            items.append(_item(row))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                f"{where}, line {number}: not a post or a headline ({error}); "
                "give JSON Lines with id, text and gold or places"
            ) from error
    return items


def _item(row: dict[str, object]) -> Item:
    if "docid" in row:
        name = str(row["docid"])
        return Item(id=name, report=make_report("set", str(row["text"]), item=name),
                    has_templates=True)  # fmt: skip
    gold, places = row.get("gold"), row.get("places")
    posted, forwarded, reply = row.get("posted_at"), row.get("forwarded_from"), row.get("reply_to")
    channel = row.get("channel")
    report = make_report(
        str(channel or row.get("source") or "set"),
        str(row["text"]),
        channel=None if channel is None else str(channel),
        published_at=datetime.fromisoformat(str(posted)) if posted else None,
        item=str(row["id"]),
        reply_to=None if reply is None else str(reply),
        forwarded_from=str(forwarded["channel"]) if isinstance(forwarded, dict) else None,
        speaks_for=SPEAKS_FOR.get(str(row.get("channel_type"))),
    )
    return Item(
        id=str(row["id"]),
        report=report,
        gold_claims=tuple(gold["claims"]) if isinstance(gold, dict) else None,
        gold_places=tuple(places) if isinstance(places, list) else None,
    )


ReadClaims = Callable[[Report], Sequence[Claim]]
"""Another way to read a report than by the rules."""


def read_item(
    item: Item,
    gazetteer: Gazetteer,
    options: ExtractOptions | None = None,
    *,
    read: ReadClaims | None = None,
) -> Reading:
    """Read one item as any report is read, or by `read`; its gold is not looked at."""
    if item.has_templates:
        templates = tuple(t.neutral() for t in read_templates(item.report.text))
        return Reading(item=item, claims=(), places=(), templates=templates)
    claims = tuple(read(item.report) if read else extract(item.report, gazetteer, options))
    places: dict[object, dict[str, Json]] = {}
    if item.gold_places is not None:
        for ref in read_places(item.report, gazetteer):
            if ref.level is not PlaceLevel.COUNTRY and ref.code is not None:
                places.setdefault(ref.code, neutral_place(ref, gazetteer))
    return Reading(item=item, claims=claims, places=tuple(places.values()))


def evaluate(readings: Sequence[Reading], gazetteer: Gazetteer) -> Evaluation:
    """Count, by kind, what was found, missed and read wrongly; headlines by places."""
    result = Evaluation()
    for reading in readings:
        if reading.item.gold_claims is not None:
            _count_claims(reading, gazetteer, result)
        if reading.item.gold_places is not None:
            _count_places(reading, gazetteer, result)
    return result


def _count_claims(reading: Reading, gazetteer: Gazetteer, result: Evaluation) -> None:
    gold = reading.item.gold_claims or ()
    read = [neutral_claim(c, gazetteer) for c in reading.claims]
    text = fold(reading.item.report.text)
    pairs = _pairs([[_likeness(g, p, text) for p in read] for g in gold])
    by_gold, by_read = dict(pairs), {j: i for i, j in pairs}
    for i, wanted in enumerate(gold):
        kind = str(wanted["kind"])
        if not wanted.get("must", True):
            continue
        found = i in by_gold or (kind == "weapon" and any(_names_weapon(p, wanted) for p in read))
        result.tallies[kind].n_gold += 1
        result.tallies[kind].n_found += found
        if not found:
            result.mistaken[kind]["missed"] += 1
            result.errors.append(("missed", reading.item.id, f"{kind}: {wanted['span']}"))
    for i, j in pairs:
        kind = str(gold[i]["kind"])
        for name, right in compare_fields(gold[i], read[j]).items():
            result.fields[name].n_read += 1
            result.fields[name].n_right += right
            if not right:
                result.mistaken[kind][name] += 1
                words = f"{kind}: {gold[i]['span']}: {gold[i].get(name)} / {read[j].get(name)}"
                result.errors.append((f"field {name}", reading.item.id, words))
    for j, said in enumerate(read):
        if said["layer"] != Layer.INCIDENT:
            continue
        kind = str(said["kind"])
        match = gold[by_read[j]] if j in by_read else None
        if match is not None and not match.get("must", True):
            continue
        if match is None and kind == "weapon" and any(_names_weapon(g, said) for g in gold):
            continue
        right = match is not None and match.get("layer", "incident") == Layer.INCIDENT
        result.tallies[kind].n_read += 1
        result.tallies[kind].n_right += right
        if not right:
            sort = "not in the gold" if match is None else "not of the incident layer"
            result.mistaken[kind][sort] += 1
            result.errors.append((sort, reading.item.id, f"{kind}: {said['span']}"))


def _likeness(gold: dict[str, Json], said: dict[str, Json], text: str) -> float:
    """How well a claim fits an annotated one; 0 when it cannot be the same assertion."""
    kinds = {str(gold["kind"]), str(said["kind"])}
    if len(kinds) > 1 and frozenset(kinds) not in ACCEPTED:
        return 0.0
    if gold.get("polarity", "positive") != said["polarity"]:
        return 0.0
    mine, theirs = _names(said), _names(gold)
    if theirs and not mine & theirs:
        return 0.0
    at, start = text.find(fold(str(said["span"]))), text.find(fold(str(gold["span"])))
    ends = min(at + len(str(said["span"])), start + len(str(gold["span"])))
    overlap = max(0, ends - max(at, start)) / len(str(gold["span"])) if min(at, start) >= 0 else 0.0
    return 1.0 + 0.2 * (len(kinds) == 1) + overlap


def _names(claim: dict[str, Json]) -> set[str]:
    """Folded names of a claim's places, with the towns of parts and without words of level."""
    names: set[str] = set()
    places = claim.get("place")
    for place in places if isinstance(places, list) else []:
        if isinstance(place, dict):
            for key in ("name_en", "name_uk", "within", "name"):
                words = fold(str(place.get(key) or "")).split()
                names.update(words[:1])
    return names


def _names_weapon(holder: dict[str, Json], wanted: dict[str, Json]) -> bool:
    if holder["kind"] not in {ClaimKind.STRIKE, ClaimKind.DAMAGE, ClaimKind.EXPLOSIONS}:
        return False
    mine, theirs = holder.get("weapon"), wanted.get("weapon")
    if not isinstance(mine, dict) or not isinstance(theirs, dict):
        return False
    items, others = mine.get("items"), theirs.get("items")
    return isinstance(items, list) and isinstance(others, list) and items == others


def _pairs(likeness: list[list[float]]) -> list[tuple[int, int]]:
    """Return the one-to-one pairs of the greatest sum; pairs of likeness 0 are none."""
    if not likeness or not likeness[0]:
        return []
    table = np.array(likeness)
    # Loads in a tenth of a second or more, and few commands come here.
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(table, maximize=True)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if table[i, j] > 0]


def _count_places(reading: Reading, gazetteer: Gazetteer, result: Evaluation) -> None:
    gold = reading.item.gold_places or ()
    tally = result.tallies["places"]
    for wanted in gold:
        found = any(_is_near(wanted, p, gazetteer) for p in reading.places)
        tally.n_gold += 1
        tally.n_found += found
        if not found:
            words = f"{wanted.get('name')}: {reading.item.report.text}"
            result.errors.append(("missed", reading.item.id, words))
    for said in reading.places:
        right = any(_is_near(g, said, gazetteer) for g in gold)
        tally.n_read += 1
        tally.n_right += right
        if not right:
            words = f"{said.get('name_en')}: {reading.item.report.text}"
            result.errors.append(("not in the gold", reading.item.id, words))


def _is_near(gold: dict[str, Json], said: dict[str, Json], gazetteer: Gazetteer) -> bool:
    """Same oblast when either names one, else a point within `HIT_KM`."""
    if said.get("level") == PlaceLevel.OBLAST or "oblast" in fold(str(gold.get("name"))):
        return _is_in(str(gold.get("adm1") or gold.get("name")), said, gazetteer)
    try:
        points = [
            tuple(math.radians(float(str(p[k]))) for k in ("lat", "lon")) for p in (gold, said)
        ]
    except (KeyError, ValueError):
        return False
    (y1, x1), (y2, x2) = points
    h = math.sin((y2 - y1) / 2) ** 2 + math.cos(y1) * math.cos(y2) * math.sin((x2 - x1) / 2) ** 2
    return 12_742.0 * math.asin(math.sqrt(h)) <= HIT_KM


def _is_in(oblast: str, said: dict[str, Json], gazetteer: Gazetteer) -> bool:
    """Say whether a place lies in an oblast, or special city, of any spelling."""
    # Where no oblast is spelt so, a town may be: "Vinnytsya".
    named = gazetteer.find(f"{oblast} Oblast") or gazetteer.find(oblast.removesuffix(" City"))
    codes = (PlaceCode(str(said.get("code"))), named[0].code) if named else ()
    tops = [gazetteer.level_up(code, PlaceLevel.OBLAST) for code in codes]
    return len(tops) == 2 and tops[0] is not None and tops[0] == tops[1]
