from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from lightkeeper.claims.model import ClaimId
from lightkeeper.damage.model import (
    AssetId,
    DamageState,
    Inspection,
    InspectionStage,
    InspectionStep,
    Observation,
    SupplyState,
)
from lightkeeper.incidents import MergeDecision
from lightkeeper.notices.model import CapStatus, Notice, NoticeClass, NoticeId
from lightkeeper.region import DistrictId
from lightkeeper.reports import (
    MediaType,
    Report,
    ReportId,
    SourceCheck,
    SourceKind,
)
from lightkeeper.reports import (
    make_report as report_of,
)
from lightkeeper.storage import (
    ClaimRestored,
    ClaimRetracted,
    Event,
    EventKind,
    InspectionRecorded,
    InspectionUnderWay,
    LogSeq,
    MergeDecided,
    MergeUndone,
    NoticeApproved,
    NoticeDrafted,
    NoticeWithdrawn,
    ObservationRecorded,
    Payload,
    PictureComputed,
    ReportDeleted,
    ReportReceived,
    ReportRestored,
    ReportRetracted,
    ReportShownAgain,
    ReviewConfirmed,
    ReviewReopened,
    ShortageOrdered,
    SourceChecked,
    State,
    Store,
    decode,
    encode,
)

T0 = datetime(2026, 1, 10, 4, 0, tzinfo=UTC)
DECISION = MergeDecision(kind="merge", reports=(ReportId("a"), ReportId("b")), by="n", at=T0)
NOTICE = Notice(
    id=NoticeId("n1"),
    notice_class=NoticeClass.UNPLANNED,
    status=CapStatus.EXERCISE,
    districts=(DistrictId("d"),),
    area_uk="район",
    area_en="district",
    polygon=((1.0, 2.0), (1.0, 3.0), (2.0, 3.0), (1.0, 2.0)),
    texts=(),
    severity="Severe",
    urgency="Immediate",
    certainty="Likely",
    drafted_at=T0,
    not_before=T0,
    expires_at=T0 + timedelta(hours=6),
    claims=(ClaimId("a:outage:3"),),
    calculation="model 1",
)


def observation(share: float) -> Observation:
    return Observation(
        state=SupplyState.DARK,
        district=DistrictId("d"),
        feeder=None,
        share_off=(share, 1.0),
        at=T0,
        source="feeder-off list",
    )


def inspection(state: DamageState, at: datetime) -> Inspection:
    return Inspection(asset=AssetId("s:1"), state=state, by="crew 2", at=at)


@pytest.fixture
def after(store: Store) -> Callable[..., State]:
    def run(*payloads: Payload) -> State:
        for i, payload in enumerate(payloads):
            store.append([Event(actor="n", payload=payload)], at=T0 + timedelta(minutes=i))
        return store.state()

    return run


def test_what_is_retracted_can_be_restored(
    after: Callable[..., State], make_report: Callable[[str], Report]
) -> None:
    report = make_report("a")
    state = after(
        ReportReceived(report=report),
        ReportRetracted(report=report.id, reason="false"),
        ClaimRetracted(claim=ClaimId("c"), reason="misread"),
        ReportReceived(report=report),
    )
    assert state.live_reports == ()
    assert state.retracted_claims == {"c"}
    state = after(
        ReportRestored(report=report.id, reason="true after all"),
        ClaimRestored(claim=ClaimId("c"), reason="read well"),
    )
    assert state.live_reports == (report,)
    assert state.retracted_claims == frozenset()


def test_an_undone_decision_is_as_if_never_made(after: Callable[..., State]) -> None:
    split = replace(DECISION, kind="split")
    state = after(MergeDecided(decision=DECISION), MergeDecided(decision=split))
    assert state.decisions == (DECISION, split)
    assert state.decision_seqs == (1, 2)
    assert after(MergeUndone(decision=LogSeq(2))).decisions == (DECISION,)
    assert after(MergeUndone(decision=LogSeq(99))).decisions == (DECISION,)


def test_a_list_replaces_the_earlier_one_of_its_name(after: Callable[..., State]) -> None:
    state = after(
        ObservationRecorded(name="feeders", observations=(observation(0.5), observation(0.6))),
        ObservationRecorded(name="calls", observations=(observation(0.7),)),
        ObservationRecorded(name="feeders", observations=(observation(0.8),)),
    )
    assert state.observations == (observation(0.7), observation(0.8))
    assert after(ObservationRecorded(name="feeders", observations=())).observations == (
        observation(0.7),
    )


def test_the_latest_inspection_of_an_asset_stands(after: Callable[..., State]) -> None:
    newer = inspection(DamageState.INTACT, T0)
    older = inspection(DamageState.DESTROYED, T0 - timedelta(hours=1))
    assert after(
        InspectionRecorded(inspection=newer), InspectionRecorded(inspection=older)
    ).inspections == (newer,)


def test_a_new_draft_needs_a_new_approval(after: Callable[..., State]) -> None:
    (notice,) = after(
        NoticeDrafted(notice=replace(NOTICE, approved_by="nobody", approved_at=T0))
    ).notices
    assert notice.approved_by is None
    (notice,) = after(NoticeApproved(notice=NOTICE.id, by="O. Koval")).notices
    assert notice.approved_by == "O. Koval"
    assert notice.approved_at is not None
    (notice,) = after(NoticeDrafted(notice=NOTICE)).notices
    assert notice.approved_by is None
    assert after(NoticeWithdrawn(notice=NOTICE.id, reason="old")).notices == ()
    assert after(NoticeApproved(notice=NOTICE.id, by="O. Koval")).notices == ()


def test_a_review_item_is_let_stand_and_opened_again(after: Callable[..., State]) -> None:
    confirmed = ReviewConfirmed(item="weak_merge:1", note="both of one body")
    assert after(confirmed).reviewed == {"weak_merge:1"}
    assert after(confirmed, ReviewReopened(item="weak_merge:1", note="")).reviewed == frozenset()


PAYLOADS: tuple[Payload, ...] = (
    ReportRetracted(report=ReportId("a"), reason="р"),
    ReportRestored(report=ReportId("a"), reason=""),
    ReportDeleted(report=ReportId("a")),
    ReportShownAgain(report=ReportId("a")),
    SourceChecked(
        checks=(
            SourceCheck(name="канал", kind=SourceKind.FEED, at=T0, answered=False, reason="немає"),
        )
    ),
    InspectionUnderWay(
        step=InspectionStep(
            asset=AssetId("line:1"), stage=InspectionStage.NO_ACCESS, by="crew 2", at=T0
        )
    ),
    ClaimRetracted(claim=ClaimId("a:b:1"), reason='"'),
    ClaimRestored(claim=ClaimId("a:b:1"), reason="\n"),
    MergeDecided(decision=DECISION),
    MergeUndone(decision=LogSeq(3)),
    ObservationRecorded(name="feeders", observations=(observation(0.25),)),
    InspectionRecorded(inspection=inspection(DamageState.IMPAIRED, T0)),
    NoticeDrafted(notice=NOTICE),
    NoticeApproved(notice=NOTICE.id, by="Оксана"),
    NoticeWithdrawn(notice=NOTICE.id, reason="."),
    ShortageOrdered(shortage_mw=900.0, source="оператор"),
    ReviewConfirmed(item="contradiction:0f", note="бачив"),
    ReviewReopened(item="contradiction:0f", note=""),
    PictureComputed(inputs_sha256="0f", seed=7, n_scenarios=9, versions=(("flow", "1"),)),
)


def test_every_kind_of_event_is_tried_here(make_report: Callable[[str], Report]) -> None:
    kinds = {p.kind for p in PAYLOADS} | {ReportReceived(report=make_report("a")).kind}
    assert kinds == set(EventKind)


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda p: p.kind.value)
def test_every_event_comes_back_as_it_went_in(
    payload: Payload, after: Callable[..., State], store: Store
) -> None:
    after(payload)
    assert [e.payload for e in store.events()] == [payload]
    assert decode(type(payload), encode(payload)) == payload
    assert encode(payload) == encode(decode(type(payload), encode(payload)))


def test_the_latest_order_stands(after: Callable[..., State]) -> None:
    assert after(ShortageOrdered(shortage_mw=900.0, source="o")).shortage_mw == 900.0
    assert after(ShortageOrdered(shortage_mw=0.0, source="o")).shortage_mw == 0.0


def post(text: str, *, edited_min: int | None = None, item: str = "7") -> Report:
    edited_at = None if edited_min is None else T0 + timedelta(minutes=edited_min)
    return report_of(
        "channel",
        text,
        published_at=T0,
        item=item,
        edited_at=edited_at,
        media_type=MediaType.TELEGRAM,
        detect_language=lambda _: "en",
    )


FIRST, SECOND, THIRD = post("dark"), post("dark in part", edited_min=5), post("lit", edited_min=9)


def texts(state: State) -> list[str]:
    return [report.text for report in state.live_reports]


def test_the_version_edited_last_counts_whatever_came_first(after: Callable[..., State]) -> None:
    state = after(*(ReportReceived(report=r) for r in (THIRD, FIRST, SECOND)))
    assert texts(state) == ["lit"]
    assert state.replaced_by == {FIRST.id: THIRD.id, SECOND.id: THIRD.id}
    assert len(state.reports) == 3


def test_without_a_time_of_editing_the_version_that_came_last_counts(
    after: Callable[..., State],
) -> None:
    again = post("dark again")
    state = after(ReportReceived(report=FIRST), ReportReceived(report=again))
    assert texts(state) == ["dark again"]
    shown = after(ReportShownAgain(report=FIRST.id))
    assert texts(shown) == ["dark"]
    assert shown.replaced_by == {again.id: FIRST.id}


def test_a_deleted_post_counts_in_no_version_until_it_is_restored_or_shown_again(
    after: Callable[..., State],
) -> None:
    other = post("dark", item="8")
    received = [ReportReceived(report=r) for r in (FIRST, SECOND, other)]
    gone = after(*received, ReportDeleted(report=SECOND.id))
    assert texts(gone) == ["dark"]
    assert set(gone.deleted_at) == {FIRST.id, SECOND.id}
    assert texts(after(ReportRestored(report=SECOND.id, reason="true all the same"))) == [
        "dark in part",
        "dark",
    ]
    assert texts(after(ReportDeleted(report=other.id))) == ["dark in part"]
    assert texts(after(ReportShownAgain(report=other.id))) == ["dark in part", "dark"]


def test_showing_a_post_again_does_not_undo_what_a_person_retracted(
    after: Callable[..., State],
) -> None:
    state = after(
        ReportReceived(report=FIRST),
        ReportRetracted(report=FIRST.id, reason="a mistake"),
        ReportShownAgain(report=FIRST.id),
    )
    assert texts(state) == []


def test_an_inspection_under_way_gives_way_to_its_result(after: Callable[..., State]) -> None:
    def step(stage: InspectionStage, minutes: int) -> InspectionUnderWay:
        at = T0 + timedelta(minutes=minutes)
        return InspectionUnderWay(
            step=InspectionStep(asset=AssetId("line:1"), stage=stage, by="crew 2", at=at)
        )

    state = after(step(InspectionStage.NO_ACCESS, 5), step(InspectionStage.ASSIGNED, 1))
    assert [s.stage for s in state.inspection_steps] == [InspectionStage.NO_ACCESS]
    seen = Inspection(
        asset=AssetId("line:1"),
        state=DamageState.INTACT,
        by="crew 2",
        at=T0 + timedelta(minutes=9),
    )
    state = after(InspectionRecorded(inspection=seen))
    assert state.inspection_steps == ()
    assert state.inspections == (seen,)


def test_looks_at_a_source_add_up(after: Callable[..., State]) -> None:
    minute = count()

    def look(**said: object) -> SourceChecked:
        at = T0 + timedelta(minutes=next(minute))
        check = SourceCheck(name="ch", kind=SourceKind.FEED, at=at, answered=True)
        other = SourceCheck(name="other", kind=SourceKind.CALLS, at=at, answered=True)
        return SourceChecked(checks=(replace(check, **said), other))  # type: ignore[arg-type]

    state = after(look(n_new=2), look(answered=False, reason="404"), look(n_new=1))
    record, other = state.sources
    assert (other.name, other.n_new, other.last_new_at) == ("other", 0, None)
    assert (record.n_new, record.n_failed, record.reason) == (3, 0, "")
    record, _ = after(look(answered=False, reason="404"), look(answered=False, reason="5")).sources
    assert (record.n_failed, record.reason) == (2, "5")
    assert record.failing_since is not None
    assert record.last_seen_at is not None
    assert record.failing_since < record.last_tried_at  # type: ignore[operator]
