"""What holds of a brief whatever the reports say."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from brief_numbers import sentences_of, untold_numbers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lightkeeper.claims import (
    Attribution,
    Casualties,
    CasualtyStatus,
    Certainty,
    Claim,
    ClaimId,
    ClaimKind,
    Count,
    Layer,
    OutageType,
    PlaceRef,
    Span,
    SpeakerRole,
    TimeRef,
    Weapons,
)
from lightkeeper.incidents import reconcile
from lightkeeper.incidents.brief import (
    BriefOptions,
    Material,
    Scope,
    make_brief,
    to_html,
    to_markdown,
)
from lightkeeper.incidents.origins import OFFICIAL, author_of
from lightkeeper.region import load_gazetteer
from lightkeeper.reports import MediaType, Report, ReportId

AS_OF = datetime(2026, 1, 13, 6, tzinfo=UTC)
T0 = datetime(2026, 1, 10, 22, 0, tzinfo=UTC)
GAZETTEER = load_gazetteer()
PLACES = [
    PlaceRef(text=place.name_en, code=place.code, level=place.level, part=part)
    for name in ("Україна", "Харківська область", "Ізюмський район", "Ізюм", "Одеса", "Київ")
    for place in GAZETTEER.find(name)[:1]
    for part in (None, "two districts")
] + [PlaceRef(text="Nowhereville", code=None, level=None)]
CHANNELS = ["Ізюм МВА", "Обленерго Харківщини", "Новини", "Тривога", "Монітор", None]
TARGETS = ["substation", "energy_facility", "residential", "something_new", None]
EFFECTS = ["hit", "damaged", "destroyed", "fire", "fire_out", "full", "partial", "water_off", None]
Told = tuple[Report, tuple[Claim, ...]]


@st.composite
def counts(draw: st.DrawFn, unit: str) -> Count:
    numbers = draw(st.sampled_from(["best", "about", "min", "max", "range", "several"]))
    n = draw(st.integers(1, 200_000))
    match numbers:
        case "best" | "about":
            return Count(best=n, approximate=numbers == "about", unit=unit)
        case "min":
            return Count(min=n, unit=unit)
        case "max":
            return Count(max=n, unit=unit)
        case "range":
            return Count(min=n, max=n + 7, unit=unit)
        case _:
            return Count(min=2, unit=unit)


@st.composite
def claims_of(draw: st.DrawFn, report: ReportId, start: int, hours: float | None) -> Claim:
    kind = draw(st.sampled_from(list(ClaimKind)))
    words = draw(
        st.sampled_from(["Earlier, all of it.", "Then the shelling that followed.", "So."])
    )
    time = None
    if hours is not None and draw(st.booleans()):
        end = T0 + timedelta(hours=hours)
        time = TimeRef(text="", from_at=draw(st.sampled_from([end, None])), to_at=end)
    elif draw(st.booleans()):
        time = TimeRef(text="", weekday="thursday", part_of_day="early_morning")
    counted = kind in (ClaimKind.EXPLOSIONS, ClaimKind.STRIKE)
    dark = kind in (ClaimKind.OUTAGE, ClaimKind.RESTORED)
    harm = st.none() | st.integers(0, 9)
    return Claim(
        id=ClaimId(f"{report}:{kind}:{start}"),
        report=report,
        kind=kind,
        layer=draw(st.sampled_from([*[Layer.INCIDENT] * 4, Layer.CONTEXT, Layer.NARRATIVE])),
        span=Span(start=start, end=start + len(words), text=words),
        attribution=Attribution(
            role=draw(st.sampled_from(list(SpeakerRole))),
            name=draw(st.sampled_from([None, "Maria Petrova"])),
        ),
        places=tuple(draw(st.lists(st.sampled_from(PLACES), max_size=3, unique=True))),
        time=time,
        count=draw(st.none() | counts("explosions" if kind is ClaimKind.EXPLOSIONS else "strikes"))
        if counted
        else draw(st.none() | counts("settlements"))
        if dark
        else None,
        customers=draw(st.none() | counts("customers")) if dark else None,
        weapons=draw(st.sampled_from([None, Weapons(mode="either", items=("FAB", "KAB"))])),
        target=draw(st.sampled_from(TARGETS)),
        effect=draw(st.sampled_from(EFFECTS)),
        outage_type=draw(st.sampled_from([None, *OutageType])) if dark else None,
        extent=draw(st.sampled_from([None, "partial", "the left bank"])),
        services=draw(st.sampled_from([(), ("water", "heat")])),
        casualties=Casualties(
            status=draw(st.sampled_from(list(CasualtyStatus))),
            killed=draw(harm),
            injured=draw(harm),
        )
        if kind is ClaimKind.CASUALTIES
        else None,
        subject="casualties" if kind is ClaimKind.UNKNOWN else None,
        alert_type=draw(st.sampled_from([None, "air_alarm"])),
        temperature_c=draw(st.sampled_from([None, -14.0, 3.5])),
        certainty=draw(st.sampled_from(list(Certainty))),
        is_negated=draw(st.sampled_from([False, False, False, True])),
    )


@st.composite
def told(draw: st.DrawFn) -> Told:
    """A report of up to six claims of any kind, some of them odd."""
    name = draw(st.text("abcdefgh", min_size=3, max_size=6))
    report_id = ReportId(hashlib.sha256(name.encode()).hexdigest()[:16])
    hours = draw(st.none() | st.integers(0, 40).map(float))
    claims: list[Claim] = []
    text = ""
    for _ in range(draw(st.integers(1, 6))):
        claims.append(draw(claims_of(report_id, len(text), hours)))
        text += claims[-1].span.text + " "
    report = Report(
        id=report_id,
        source=f"{name}.txt",
        channel=draw(st.sampled_from(CHANNELS)),
        text=text,
        sha256="",
        media_type=MediaType.TEXT,
        language="en",
        published_at=None if hours is None else T0 + timedelta(hours=hours),
    )
    return report, tuple(claims)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(told(), min_size=1, max_size=5, unique_by=lambda t: t[0].id),
    st.sampled_from(["uk", "en"]),
)
def test_every_sentence_has_claims_and_every_number_is_told(
    reports: list[Told], language: str
) -> None:
    held = {r.id: r for r, _ in reports}
    claims = {c.id: c for _, told_ in reports for c in told_}
    found = reconcile(list(claims.values()), list(held.values()), GAZETTEER)
    material = Material(
        incidents=found.incidents,
        outside=found.outside,
        reports=held,
        gazetteer=GAZETTEER,
        as_of=AS_OF,
        authors={r: a.role for r in held if (a := author_of(held[r], {})).role in OFFICIAL},
    )
    brief = make_brief(material, Scope(), options=BriefOptions(language=language))
    noted = {f.claim for f in brief.footnotes}
    for sentence in sentences_of(brief):
        assert sentence.claims
        assert set(sentence.claims) <= noted
        assert len(set(sentence.claims)) == len(sentence.claims)
        assert untold_numbers(sentence, claims, held, brief) == set(), sentence
        assert "{" not in sentence.text
        assert "\ue000" not in sentence.text
        assert sentence.text[-1] in ".…"
    for edge in brief.graph.edges:
        assert {edge.source, edge.target} <= {n.id for n in brief.graph.nodes}
    assert to_html(brief)
    assert to_markdown(brief)
