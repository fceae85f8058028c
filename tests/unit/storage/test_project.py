from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lightkeeper.claims.model import ClaimId
from lightkeeper.damage.model import AssetId, DamageState, Inspection, Observation, SupplyState
from lightkeeper.incidents import MergeDecision
from lightkeeper.notices.model import CapStatus, Notice, NoticeClass, NoticeId
from lightkeeper.region import DistrictId
from lightkeeper.reports import Report, ReportId
from lightkeeper.storage import (
    ClaimRestored,
    ClaimRetracted,
    Event,
    EventKind,
    InspectionRecorded,
    LogSeq,
    MergeDecided,
    MergeUndone,
    NoticeApproved,
    NoticeDrafted,
    NoticeWithdrawn,
    ObservationRecorded,
    Payload,
    PictureComputed,
    ReportReceived,
    ReportRestored,
    ReportRetracted,
    ShortageOrdered,
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


PAYLOADS: tuple[Payload, ...] = (
    ReportRetracted(report=ReportId("a"), reason="р"),
    ReportRestored(report=ReportId("a"), reason=""),
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
