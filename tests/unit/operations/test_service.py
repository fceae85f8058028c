"""The whole way on the demo: pictures, past moments, approval, retraction."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lightkeeper import operations
from lightkeeper.consequences import Knowledge
from lightkeeper.errors import InputError, NoScenarioFits, NotAllowed, NotFound
from lightkeeper.notices import Audience, NoticeClass, NoticeId
from lightkeeper.operations import PictureService, Workspace
from lightkeeper.reports.model import ReportId
from lightkeeper.settings import Settings


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    settings = Settings(n_scenarios=40)
    workspace = operations.open_demo(settings, keep=tmp_path / "demo.sqlite")
    with workspace.store:
        yield workspace


@pytest.fixture
def service(workspace: Workspace) -> PictureService:
    return PictureService(workspace)


def test_the_demo_has_every_part_of_the_picture(service: PictureService) -> None:
    picture = service.picture(Audience.OPERATOR)
    assert picture.is_exercise
    assert picture.incidents
    assert picture.totals is not None
    assert picture.totals.people_off.p05 <= picture.totals.people_off.median
    assert picture.totals.people_off.median <= picture.totals.people_off.p95
    known = {d.consequence.knowledge for d in picture.districts}
    assert Knowledge.NO_REPORT in known
    assert Knowledge.REPORTED_PARTLY_DARK in known
    assert picture.assets
    assert picture.islands
    assert picture.margin is not None
    assert picture.shedding is not None
    assert picture.shedding.shed_mw >= picture.shedding.bound_mw - 1e-6
    assert picture.schedule is not None
    assert picture.repair is not None
    assert picture.repair.jobs
    assert picture.reinforcement is not None
    assert picture.reinforcement.spent <= picture.reinforcement.budget
    assert {n.notice_class for n in picture.notices} >= {NoticeClass.PLANNED, NoticeClass.UNPLANNED}
    course = picture.course
    assert course is not None
    assert course.hours == tuple(range(49))
    assert course.people_off.median[0] == picture.totals.people_off.median
    cold = course.people_below_16.mean
    assert (cold[0] or 0) < (cold[-1] or 0)
    assert course.chains
    # A zero at each hour would say of the others that they are supplied.
    assert {d.district for d in course.districts} == {
        d.consequence.district
        for d in picture.districts
        if d.consequence.inferred or d.consequence.knowledge is not Knowledge.NO_REPORT
    }


def test_the_demo_carries_its_plan_out(service: PictureService) -> None:
    picture = service.picture(Audience.OPERATOR)
    course, plan = picture.course, picture.with_plan
    assert picture.totals is not None
    assert course is not None
    assert plan is not None
    assert plan.course.hours == course.hours
    assert (plan.people_switched_off.median[0] or 0) > 0  # The demo has an order to shed.
    assert plan.restoration.without_plan.median[0] == picture.totals.people_off.median
    assert plan.restoration.with_plan.median[0] == picture.totals.people_off.median
    assert plan.restoration.person_hours.change.median < 0


def test_figures_trace_to_claims_and_claims_to_words(
    service: PictureService, workspace: Workspace
) -> None:
    picture = service.picture(Audience.OPERATOR)
    texts = {r.id: r.text for r in workspace.store.state().reports}
    claims = {c.id: c for i in picture.incidents for c in i.claims}
    for claim in (*claims.values(), *picture.outside):
        assert texts[claim.report][claim.span.start : claim.span.end] == claim.span.text
    for incident in picture.incidents:
        for fact in incident.facts:
            assert fact.claims
            assert set(fact.claims) <= set(claims)
    for district in picture.districts:
        assert set(district.consequence.reported_by) <= set(claims)


def test_a_past_moment_is_what_was_known_then(service: PictureService) -> None:
    before = service.picture(Audience.OPERATOR, at=datetime(2026, 1, 10, 2, 0, tzinfo=UTC))
    after = service.picture(Audience.OPERATOR)
    assert len(before.reports) < len(after.reports)
    assert {r.id for r in before.reports} <= {r.id for r in after.reports}
    assert all(d.consequence.knowledge is Knowledge.NO_REPORT for d in before.districts)
    empty = service.picture(Audience.OPERATOR, at=datetime(2026, 1, 9, tzinfo=UTC))
    assert empty.reports == ()
    assert empty.incidents == ()


def test_the_same_log_gives_the_same_picture(workspace: Workspace) -> None:
    first = PictureService(workspace).picture(Audience.OPERATOR)
    assert PictureService(workspace).picture(Audience.OPERATOR) == first


def test_approval_is_logged_under_a_name_and_computes_nothing_anew(
    service: PictureService, workspace: Workspace
) -> None:
    draft = next(
        n
        for n in service.picture(Audience.OPERATOR).notices
        if n.notice_class is NoticeClass.PLANNED
    )
    with pytest.raises(NotAllowed):
        service.cap(draft.id)
    service.approve(draft.id, actor="Olena")
    shown = next(n for n in service.picture(Audience.OPERATOR).notices if n.id == draft.id)
    assert shown.approved_by == "Olena"
    assert [n.id for n in service.picture(Audience.PUBLIC).notices] == [draft.id]
    assert b"Exercise" in service.cap(draft.id)
    assert workspace.store.events()[-1].actor == "Olena"
    with pytest.raises(NotAllowed, match="already"):
        service.approve(draft.id, actor="Ivan")
    with pytest.raises(NotFound):
        service.approve(NoticeId("none"), actor="Ivan")


def test_a_retracted_report_leaves_no_trace_in_the_figures_and_can_come_back(
    service: PictureService, workspace: Workspace
) -> None:
    full = service.picture(Audience.OPERATOR)
    report = next(r for r in full.reports if "Лубенський" in (r.text or ""))
    operations.retract_report(workspace, report.id, reason="wrong town", actor="Olena")
    without = service.picture(Audience.OPERATOR)
    assert report.id not in {c.report for i in without.incidents for c in i.claims}
    lubny = next(d for d in without.districts if d.name_en == "Lubny Raion")
    assert lubny.consequence.knowledge is Knowledge.NO_REPORT
    assert next(r for r in without.reports if r.id == report.id).is_retracted
    operations.restore_report(workspace, report.id, reason="it was right", actor="Olena")
    again = service.picture(Audience.OPERATOR)
    assert again.incidents == full.incidents
    assert again.totals == full.totals


def test_the_public_reads_no_reports(service: PictureService) -> None:
    report = service.picture(Audience.OPERATOR).reports[0]
    entry, claims = service.report(report.id, Audience.OFFICIAL)
    assert entry.text
    assert claims
    with pytest.raises(NotAllowed):
        service.report(report.id, Audience.PUBLIC)
    with pytest.raises(NotFound):
        service.report(ReportId("none"), Audience.OPERATOR)


def test_what_people_record_needs_a_name_and_a_known_subject(workspace: Workspace) -> None:
    with pytest.raises(InputError, match="report"):
        operations.retract_report(workspace, ReportId("none"), reason="", actor="Olena")
    report = workspace.store.state().reports[0].id
    with pytest.raises(InputError, match="name"):
        operations.retract_report(workspace, report, reason="", actor=" ")
    with pytest.raises(InputError, match="two or more"):
        operations.decide_merge(workspace, "merge", [report], actor="Olena")
    with pytest.raises(InputError, match="neither"):
        operations.decide_merge(workspace, "join", [report, report], actor="Olena")


def test_an_order_of_the_operator_is_planned_for(workspace: Workspace) -> None:
    operations.order_shortage(workspace, 1500.0, source="operator", actor="Olena")
    shedding = PictureService(workspace).picture(Audience.OPERATOR).shedding
    assert shedding is not None
    assert shedding.bound_mw == pytest.approx(1500.0, rel=0.02)
    before = PictureService(workspace).picture(
        Audience.OPERATOR, at=datetime(2026, 1, 10, 5, 44, tzinfo=UTC)
    )
    assert before.shedding is not None
    assert before.shedding.bound_mw == pytest.approx(0.0, abs=1e-6)
    assert shedding.served_mw + shedding.shed_mw + shedding.unsupplied_mw == pytest.approx(
        shedding.demand_mw
    )


def test_the_exercise_clock_goes_on(workspace: Workspace) -> None:
    start = datetime(2026, 1, 10, 6, 10, tzinfo=UTC)
    assert start <= workspace.now() < start + timedelta(hours=1)


def test_the_demo_tells_one_event_told_five_times_as_one(service: PictureService) -> None:
    incident = max(service.picture(Audience.OPERATOR).incidents, key=lambda i: len(i.reports))
    assert "Poltava" in incident.title
    assert (len(incident.reports), incident.n_independent_sources) == (5, 1)
    (contradiction,) = incident.contradictions
    assert contradiction.field == "explosions"


def test_without_a_report_there_is_no_figure(tmp_path: Path) -> None:
    settings = Settings(n_scenarios=20, database=f"sqlite:///{tmp_path / 'empty.sqlite'}")
    workspace = operations.open_workspace(settings)
    with workspace.store:
        picture = PictureService(workspace).picture(Audience.OPERATOR)
    assert picture.totals is None
    assert picture.repair is not None
    assert picture.repair.jobs == ()
    assert picture.assets == ()


def test_reports_stand_where_the_model_has_no_answer(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise NoScenarioFits(["Poltava"])

    # The package's name for the module is taken by its function.
    monkeypatch.setattr(sys.modules["lightkeeper.operations.calculate"], "draw_scenarios", fail)
    picture = PictureService(workspace).picture(Audience.OPERATOR)
    assert picture.incidents
    assert picture.is_exercise
    assert picture.totals is None
    assert picture.calculation is not None
    assert "Poltava" in picture.calculation.notes[0]
