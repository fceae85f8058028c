"""What holds of reconciling whatever the reports say."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

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
from lightkeeper.incidents import MergeDecision, Reconciliation, reconcile
from lightkeeper.incidents.stream import (
    Stream,
    decide,
    find_incident,
    find_similar,
    open_stream,
    receive,
    snapshot,
    withdraw,
)
from lightkeeper.incidents.synth import SynthOptions, generate
from lightkeeper.region import load_gazetteer
from lightkeeper.reports import MediaType, Report, ReportId

T0 = datetime(2026, 1, 10, 22, 0, tzinfo=UTC)
GAZETTEER = load_gazetteer()
PLACES = [
    PlaceRef(text=name, code=place.code, level=place.level)
    for name in (
        "Україна",
        "Харківська область",
        "Ізюмський район",
        "Ізюм",
        "Балаклія",
        "Харків",
        "Шостка",
        "Одеса",
        "Київ",
    )
    for place in GAZETTEER.find(name)[:1]
] + [PlaceRef(text="Nowhereville", code=None, level=None)]
CHANNELS = ["Ізюм МВА", "Обленерго Харківщини", "Новини", "Тривога", "Монітор", None]

Told = tuple[Report, tuple[Claim, ...]]


@st.composite
def counts(draw: st.DrawFn) -> Count:
    best = draw(st.integers(1, 12))
    return Count(best=best, approximate=draw(st.booleans()), unit="explosions")


@st.composite
def told(draw: st.DrawFn) -> Told:
    """A report and its claims."""
    name = draw(st.text("abcdefgh", min_size=3, max_size=6))
    report_id = ReportId(hashlib.sha256(name.encode()).hexdigest()[:16])
    hours = draw(st.none() | st.floats(0, 60, allow_nan=False).map(lambda h: round(h, 1)))
    claims: list[Claim] = []
    text = ""
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(list(ClaimKind)))
        words = f"{kind.value} is told by {name}."
        time = None
        if hours is not None and draw(st.booleans()):
            end = T0 + timedelta(hours=hours)
            time = TimeRef(text="", from_at=end - timedelta(hours=1), to_at=end, precision="recent")
        has_harm = kind is ClaimKind.CASUALTIES
        claims.append(
            Claim(
                id=ClaimId(f"{report_id}:{kind}:{len(text)}"),
                report=report_id,
                kind=kind,
                layer=draw(st.sampled_from([*[Layer.INCIDENT] * 4, Layer.CONTEXT])),
                span=Span(start=len(text), end=len(text) + len(words), text=words),
                attribution=Attribution(
                    role=draw(
                        st.sampled_from(
                            [
                                SpeakerRole.SELF,
                                SpeakerRole.CITY_ADMINISTRATION,
                                SpeakerRole.DISTRIBUTION_OPERATOR,
                            ]
                        )
                    )
                ),
                places=tuple(draw(st.lists(st.sampled_from(PLACES), max_size=2, unique=True))),
                time=time,
                count=draw(st.none() | counts()),
                weapons=draw(
                    st.none()
                    | st.sampled_from(
                        [
                            Weapons(mode="either", items=("FAB", "KAB")),
                            Weapons(mode="one", items=("uav",)),
                        ]
                    )
                ),
                casualties=Casualties(
                    status=CasualtyStatus.COUNTED, injured=draw(st.integers(0, 5))
                )
                if has_harm
                else None,
                outage_type=draw(st.sampled_from([None, OutageType.DAMAGE, OutageType.WEATHER])),
                certainty=draw(st.sampled_from(list(Certainty))),
                is_negated=draw(st.integers(0, 5)) == 0,
            )
        )
        text += words + " "
    channel = draw(st.sampled_from(CHANNELS))
    report = Report(
        id=report_id,
        source=channel or f"{name}.txt",
        channel=channel,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        media_type=MediaType.TELEGRAM,
        language="en",
        published_at=None if hours is None else T0 + timedelta(hours=hours),
    )
    return report, tuple(claims)


streams = st.lists(told(), min_size=1, max_size=6, unique_by=lambda t: t[0].id)


def run(stream: list[Told], *decisions: MergeDecision) -> Reconciliation:
    return reconcile(
        [c for _, claims in stream for c in claims],
        [r for r, _ in stream],
        GAZETTEER,
        decisions=decisions,
    )


quick = settings(
    max_examples=50, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@quick
@given(streams, st.data())
def test_the_order_of_reports_and_claims_does_not_matter(
    stream: list[Told], data: st.DataObject
) -> None:
    shuffled = [(r, tuple(reversed(claims))) for r, claims in data.draw(st.permutations(stream))]
    assert run(shuffled) == run(stream)


@quick
@given(streams)
def test_every_claim_is_in_exactly_one_place(stream: list[Told]) -> None:
    result = run(stream)
    placed = [c.id for i in result.incidents for c in i.claims] + [c.id for c in result.outside]
    assert sorted(placed) == sorted(c.id for _, claims in stream for c in claims)
    assert all(c.layer is Layer.INCIDENT for i in result.incidents for c in i.claims)


@quick
@given(streams)
def test_whatever_is_shown_stands_on_claims_that_are_there(stream: list[Told]) -> None:
    result = run(stream)
    for incident in result.incidents:
        own = {c.id for c in incident.claims}
        assert set(incident.reports) == {c.report for c in incident.claims}
        for fact in incident.facts:
            assert fact.claims
            assert set(fact.claims) <= own
        for contradiction in incident.contradictions:
            assert {c for _, claims in contradiction.sides for c in claims} <= own
        for unknown in incident.unknowns:
            assert set(unknown.claims) <= own
        grouped = [r for g in incident.sources for r in g.reports]
        assert sorted(grouped) == sorted(incident.reports)
        assert 1 <= incident.n_independent_sources <= len(incident.sources)


@quick
@given(streams)
def test_parents_and_children_agree(stream: list[Told]) -> None:
    by_id = {i.id: i for i in run(stream).incidents}
    for incident in by_id.values():
        assert all(by_id[c].parent == incident.id for c in incident.children)
        assert incident.parent is None or incident.id in by_id[incident.parent].children


@quick
@given(streams, st.data())
def test_a_retracted_report_leaves_no_trace(stream: list[Told], data: st.DataObject) -> None:
    gone = data.draw(st.integers(0, len(stream) - 1))
    left = [t for i, t in enumerate(stream) if i != gone]
    assert stream[gone][0].id not in repr(run(left))
    assert run(left) == run(list(left))


@quick
@given(streams, st.data())
def test_a_split_undone_restores_exactly(stream: list[Told], data: st.DataObject) -> None:
    ids = sorted(r.id for r, _ in stream)
    pair = tuple(data.draw(st.permutations(ids))[:2])
    before = run(stream)
    split = MergeDecision(kind="split", reports=pair, by="n", at=T0)
    apart = run(stream, split)
    if len(pair) == 2:
        assert not any(set(pair) <= set(i.reports) for i in apart.incidents)
    assert run(stream) == before
    merge = MergeDecision(kind="merge", reports=pair, by="n", at=T0 + timedelta(hours=1))
    assert run(stream, split, merge) == run(stream, merge)


@quick
@given(told())
def test_a_rewrite_adds_no_number_and_no_source(one: Told) -> None:
    report, claims = one
    copy_id = ReportId("copy" + report.id[4:])
    copied = Report(
        id=copy_id,
        source="copy.txt",
        channel=None,
        text=report.text * 3 + report.text,
        sha256=report.sha256,
        media_type=MediaType.TEXT,
        language="en",
        published_at=report.published_at,
        forwarded_from=report.channel or report.source,
    )
    retold = tuple(
        Claim(
            **{
                name: getattr(c, name)
                for name in Claim.__dataclass_fields__
                if name not in ("id", "report")
            },
            id=ClaimId(c.id.replace(report.id, copy_id)),
            report=copy_id,
        )
        for c in claims
    )
    alone, both = run([one]), run([one, (copied, retold)])
    assert shown(both) == shown(alone)


def shown(result: Reconciliation) -> list[tuple[str, int, list[str]]]:
    """Titles, numbers of sources and values; undated incidents come in no order of their own."""
    return sorted(
        (i.title, i.n_independent_sources, [f.value for f in i.facts]) for i in result.incidents
    )


def stream_of(told: list[Told]) -> Stream:
    """The state after reports came one by one."""
    stream = open_stream(GAZETTEER)
    for report, claims in told:
        receive(stream, [(report, claims)])
    return stream


@quick
@given(streams, st.data())
def test_one_by_one_in_any_order_is_all_at_once(stream: list[Told], data: st.DataObject) -> None:
    assert snapshot(stream_of(data.draw(st.permutations(stream)))) == run(stream)


@settings(quick, max_examples=12)
@given(st.integers(0, 10_000), st.floats(0, 1), st.data())
def test_a_night_of_posts_in_any_order_is_all_at_once(
    seed: int, difficulty_pu: float, data: st.DataObject
) -> None:
    """Many posts of few towns, so that groups form, meet and part."""
    options = SynthOptions(
        start=T0, n_nights=2, strikes_per_night=3, difficulty_pu=difficulty_pu, seed=seed
    )
    posts = [(p.report, p.claims) for p in generate(GAZETTEER, options).posts]
    shuffled = data.draw(st.permutations(posts))
    stream = stream_of(shuffled)
    whole = run(posts)
    assert snapshot(stream) == whole
    gone = [r.id for r, _ in shuffled[: len(shuffled) // 3]]
    withdraw(stream, gone)
    assert snapshot(stream) == run(shuffled[len(gone) :])
    receive(stream, shuffled[: len(gone)])
    assert snapshot(stream) == whole


@quick
@given(streams, st.data())
def test_steps_of_every_sort_end_where_doing_all_at_once_does(
    stream: list[Told], data: st.DataObject
) -> None:
    """Reports come, go and come again, claims are taken out, people decide and take it back."""
    state = open_stream(GAZETTEER)
    held: dict[ReportId, Told] = {}
    decisions: list[MergeDecision] = []
    ids = [r.id for r, _ in stream]
    for step in range(data.draw(st.integers(1, 12))):
        match data.draw(st.sampled_from(["add", "add", "drop", "strip", "decide", "undo"])):
            case "add":
                one = data.draw(st.sampled_from(stream))
                held[one[0].id] = one
                receive(state, [one])
            case "drop":
                gone = data.draw(st.sampled_from(ids))
                held.pop(gone, None)
                withdraw(state, [gone])
            case "strip" if held:
                report, claims = held[data.draw(st.sampled_from(sorted(held)))]
                held[report.id] = (report, claims[1:])
                receive(state, [held[report.id]])
            case "decide" if len(ids) > 1:
                pair = tuple(data.draw(st.permutations(ids))[:2])
                kind = data.draw(st.sampled_from(["merge", "split"]))
                at = T0 + timedelta(hours=step)
                decisions.append(MergeDecision(kind=kind, reports=pair, by="n", at=at))
                decide(state, decisions)
            case "undo" if decisions:
                decisions.pop(data.draw(st.integers(0, len(decisions) - 1)))
                decide(state, decisions)
            case _:
                pass
        assert snapshot(state) == run(list(held.values()), *decisions)


@quick
@given(streams, st.data())
def test_splitting_what_was_merged_restores_it_exactly(
    stream: list[Told], data: st.DataObject
) -> None:
    state = stream_of(stream)
    before = snapshot(state)
    pair = tuple(data.draw(st.permutations([r.id for r, _ in stream]))[:2])
    if len(pair) < 2:
        return
    merge = MergeDecision(kind="merge", reports=pair, by="n", at=T0)
    decide(state, [merge])
    decide(state, [])
    assert snapshot(state) == before
    if not any(set(pair) <= set(i.reports) for i in before.incidents):
        split = MergeDecision(kind="split", reports=pair, by="n", at=T0 + timedelta(hours=1))
        decide(state, [merge, split])
        assert snapshot(state) == before


@quick
@given(streams)
def test_an_id_once_given_finds_its_incident_as_reports_come(stream: list[Told]) -> None:
    state = open_stream(GAZETTEER)
    given_ids = set()
    for report, claims in stream:
        receive(state, [(report, claims)])
        given_ids |= {i.id for i in snapshot(state).incidents}
        for incident_id in given_ids:
            found = find_incident(state, incident_id)
            # What an event was told of stays an event; only a denial of all of it could end it.
            assert found is not None
            assert incident_id in found.aliases


@quick
@given(streams)
def test_similar_incidents_are_others_and_say_why(stream: list[Told]) -> None:
    state = stream_of(stream)
    ids = {i.id for i in snapshot(state).incidents}
    for incident_id in ids:
        for similar in find_similar(state, incident_id):
            assert similar.incident in ids - {incident_id}
            assert 0.5 <= similar.probability <= 1.0
            assert similar.reasons
