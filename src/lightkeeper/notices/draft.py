"""Draft notices from consequences and plans, in Ukrainian and English.

A draft says only what its class may say: no asset, no place finer than a district, no effect of a
strike. It leaves nothing by itself; see `lightkeeper.notices.approve`.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import shapely
from shapely.geometry import shape

from lightkeeper.claims.model import ClaimId
from lightkeeper.consequences.model import DistrictConsequence, Knowledge
from lightkeeper.notices.catalogue import load_texts
from lightkeeper.notices.local_time import list_off_times, say_instant
from lightkeeper.notices.model import CapStatus, Notice, NoticeClass, NoticeId, NoticeText
from lightkeeper.plans.model import OutageSchedule
from lightkeeper.region.model import District, DistrictId, Region, WarmPointKind
from lightkeeper.units import require_utc

LANGUAGES = ("uk", "en")
MAX_POINTS = 5
"""So many warm points or shelters of a district are named in a notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftOptions:
    """`delay_min` holds back unplanned state; `likely_from` is the chance that makes a draft.

    Texts say times by the clock of `time_zone`, an IANA name. A notice is valid for `valid_h`; that
    of a schedule until the schedule ends.
    """

    delay_min: int = 30
    time_zone: str = "Europe/Kyiv"
    likely_from: float = 0.5
    valid_h: float = 6.0
    max_polygon_points: int = 60


def round_people(people: float) -> int:
    """Round to two significant digits: a public figure is never finer than its basis."""
    if people < 10:
        return round(people)
    step = 10 ** (math.floor(math.log10(people)) - 1)
    return int(round(people / step) * step)


def draft_outage(
    region: Region,
    consequence: DistrictConsequence,
    *,
    now: datetime,
    calculation: str,
    options: DraftOptions,
) -> Notice | None:
    """Draft the UNPLANNED notice of one district; None where nothing calls for one.

    A reported outage is told as reported. Without a report only a likely one is told, as not
    confirmed.
    """
    dark = {Knowledge.REPORTED_DARK, Knowledge.REPORTED_PARTLY_DARK}
    reported = consequence.knowledge in dark
    inferred = (
        consequence.knowledge is Knowledge.NO_REPORT and consequence.p_dark >= options.likely_from
    )
    if not (reported or inferred):
        return None
    district = _district(region, consequence.district)
    people = consequence.people_off
    key = "outage_reported" if reported else "outage_possible"
    texts = []
    for language in LANGUAGES:
        words = load_texts(language)
        about = str(words["about"]).format(n=_number(people.median, language))
        texts.append(
            _fill(
                key,
                language,
                region.network.is_synthetic,
                district=_name(district, language),
                people=about,
                low=_number(people.p05, language),
                high=_number(people.p95, language),
                warm_points=_points(region, district.id, WarmPointKind.WARM_POINT, language),
            )
        )
    return _notice(
        region,
        NoticeClass.UNPLANNED,
        (district,),
        texts,
        severity="Severe" if reported else "Moderate",
        urgency="Immediate" if reported else "Expected",
        certainty="Likely" if reported else "Possible",
        now=now,
        not_before=now + timedelta(minutes=options.delay_min),
        claims=consequence.reported_by,
        calculation=calculation,
        options=options,
    )


def draft_alarm(
    region: Region,
    district_id: DistrictId,
    claims: Sequence[ClaimId],
    *,
    now: datetime,
    options: DraftOptions,
) -> Notice:
    """Draft the LIFE_SAFETY notice of one district under alarm; it is never held back."""
    district = _district(region, district_id)
    texts = [
        _fill(
            "life_safety",
            language,
            region.network.is_synthetic,
            district=_name(district, language),
            shelters=_points(region, district.id, WarmPointKind.SHELTER, language),
        )
        for language in LANGUAGES
    ]
    return _notice(
        region,
        NoticeClass.LIFE_SAFETY,
        (district,),
        texts,
        severity="Extreme",
        urgency="Immediate",
        certainty="Observed",
        now=now,
        not_before=now,
        claims=tuple(claims),
        calculation="",
        options=options,
    )


def draft_schedule(
    region: Region,
    schedule: OutageSchedule,
    starts_at: datetime,
    *,
    now: datetime,
    calculation: str,
    options: DraftOptions,
) -> Notice | None:
    """Draft the PLANNED notice of an hourly schedule; None when nothing is switched off."""
    if not schedule.is_off.any():
        return None
    ends_at = starts_at + schedule.is_off.shape[1] * timedelta(minutes=schedule.slot_min)
    texts = [
        _fill(
            "planned",
            language,
            region.network.is_synthetic,
            start=say_instant(starts_at, time_zone=options.time_zone, language=language),
            end=say_instant(ends_at, time_zone=options.time_zone, language=language),
            hours=_say_hours(schedule, starts_at, options.time_zone, language),
        )
        for language in LANGUAGES
    ]
    return _notice(
        region,
        NoticeClass.PLANNED,
        region.districts,
        texts,
        severity="Moderate",
        urgency="Future",
        certainty="Likely",
        now=now,
        not_before=now,
        claims=(),
        calculation=calculation,
        options=options,
        expires_at=ends_at,
        schedule=fingerprint_schedule(
            starts_at, schedule.slot_min, schedule.queues, schedule.is_off.tolist()
        ),
    )


def fingerprint_schedule(
    starts_at: datetime, slot_min: int, queues: Sequence[str], is_off: Sequence[Sequence[bool]]
) -> str:
    """Return the SHA-256 of what a schedule tells: which queue is off when."""
    told = [require_utc(starts_at).isoformat(), slot_min, list(queues), [list(r) for r in is_off]]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _say_hours(schedule: OutageSchedule, starts_at: datetime, time_zone: str, language: str) -> str:
    """Return a line for each queue: "1.1: 08:00-10:00, 18:00-20:00"."""
    never = load_texts(language)["schedule"]["never_off"]
    lines = []
    for queue, row in zip(schedule.queues, schedule.is_off.tolist(), strict=True):
        times = list_off_times(
            row,
            starts_at=starts_at,
            slot_min=schedule.slot_min,
            time_zone=time_zone,
            language=language,
        )
        lines.append(f"{queue}: {', '.join(times) or never}")
    return "\n".join(lines)


def _district(region: Region, district_id: DistrictId) -> District:
    return next(d for d in region.districts if d.id == district_id)


def _name(district: District, language: str) -> str:
    return district.name_uk if language == "uk" else district.name_en


def _number(people: float, language: str) -> str:
    return _group(round_people(people), language)


def _group(count: int, language: str) -> str:
    separator = "\N{NO-BREAK SPACE}" if language == "uk" else ","
    return f"{count:,}".replace(",", separator)


def _points(region: Region, district_id: DistrictId, kind: WarmPointKind, language: str) -> str:
    """Return where to go. Points of a synthetic region have no address: they are only counted."""
    words = load_texts(language)
    points = [p for p in region.warm_points if p.district == district_id and p.kind is kind]
    if not points:
        return words["unknown"]["none_listed"]
    if region.network.is_synthetic:
        capacity = sum(p.capacity for p in points)
        return words["points"]["synthetic"].format(
            n=len(points), capacity=_group(capacity, language)
        )
    names = [p.name for p in points[:MAX_POINTS]]
    if len(points) > MAX_POINTS:
        names.append(words["points"]["more"].format(n=len(points) - MAX_POINTS))
    return "; ".join(names)


def _fill(key: str, language: str, is_exercise: bool, **values: str) -> NoticeText:
    words = load_texts(language)
    part = words[key]
    mark = f"[{words['exercise']}] " if is_exercise else ""
    return NoticeText(
        language=language,
        event=mark + part["event"],
        headline=mark + part["headline"].format(**values),
        description=mark + part["description"].format(**values),
        instruction=part["instruction"].format(**values),
    )


def _outline(districts: Sequence[District], max_points: int) -> tuple[tuple[float, float], ...]:
    """Return one closed ring (lat, lon) round the districts, coarse enough for a message."""
    area = shapely.union_all([shape(dict(d.polygon)) for d in districts]).buffer(0)
    largest = max(getattr(area, "geoms", [area]), key=lambda part: part.area)
    ring, tolerance = largest.exterior, 0.001
    while len(ring.coords) > max_points:
        ring, tolerance = largest.exterior.simplify(tolerance), tolerance * 1.5
    return tuple((round(lat, 4), round(lon, 4)) for lon, lat, *_ in ring.coords)


def _notice(
    region: Region,
    notice_class: NoticeClass,
    districts: Sequence[District],
    texts: Sequence[NoticeText],
    *,
    severity: str,
    urgency: str,
    certainty: str,
    now: datetime,
    not_before: datetime,
    claims: tuple[ClaimId, ...],
    calculation: str,
    options: DraftOptions,
    expires_at: datetime | None = None,
    schedule: str = "",
) -> Notice:
    whole = len(districts) == len(region.districts) and len(districts) > 1
    ids = tuple(d.id for d in districts)
    # The id is that of the words: the same draft computed again is the same notice.
    content = "|".join([notice_class, *ids, *(t.description for t in texts)])
    return Notice(
        id=NoticeId(hashlib.sha256(content.encode()).hexdigest()[:16]),
        notice_class=notice_class,
        status=CapStatus.EXERCISE if region.network.is_synthetic else CapStatus.ACTUAL,
        districts=ids,
        area_uk=region.name if whole else ", ".join(d.name_uk for d in districts),
        area_en=region.name if whole else ", ".join(d.name_en for d in districts),
        polygon=_outline(districts, options.max_polygon_points),
        texts=tuple(texts),
        severity=severity,
        urgency=urgency,
        certainty=certainty,
        drafted_at=require_utc(now),
        not_before=require_utc(not_before),
        expires_at=require_utc(expires_at or now + timedelta(hours=options.valid_h)),
        claims=claims,
        calculation=calculation,
        schedule=schedule,
    )
