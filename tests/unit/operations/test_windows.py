"""From the words of a report to the cold of homes without panes."""

from __future__ import annotations

from pathlib import Path

from lightkeeper import operations
from lightkeeper.notices import Audience
from lightkeeper.operations import PictureService
from lightkeeper.settings import Settings

WORDS = "Унаслідок удару по Сумах вибито вікна у 3000 квартирах."


def test_windows_that_reports_count_make_homes_colder(tmp_path: Path) -> None:
    workspace = operations.open_demo(Settings(n_scenarios=20), keep=tmp_path / "d.sqlite")
    with workspace.store:
        service = PictureService(workspace)
        before = service.picture(Audience.OPERATOR).course
        operations.enter_report(
            workspace, source="duty desk", text=WORDS, published_at=None, actor="Olena"
        )
        picture = service.picture(Audience.OPERATOR)
    after, plan = picture.course, picture.with_plan
    assert before is not None
    assert after is not None
    assert plan is not None
    assert before.windows == ()
    (windows,) = after.windows
    sumy = next(d for d in picture.districts if d.consequence.district == windows.district)
    assert sumy.name_en == "Sumy"
    assert windows.share is not None
    assert 0 < windows.share[0] < windows.share[1] < 0.1
    # The share leads back to the words that give it.
    claims = {c.id: c for i in picture.incidents for c in i.claims}
    assert [claims[c].span.text for c in windows.claims] == [WORDS.rstrip(".")]
    # Homes without panes are cold even with heat, in both cases.
    cold = [
        next(d for d in course.districts if d.district == windows.district).people_below_16.p05[-1]
        for course in (before, after, plan.course)
    ]
    # At two people a flat, in nearly every scenario, even where nothing else is hurt.
    assert cold[0] is not None
    assert cold[1] is not None
    assert cold[1] > cold[0]
    assert all(people is not None and people >= 6000 for people in cold[1:])
    n = len(picture.districts)
    for course in (after, plan.course):
        assert f"of {n - 1} districts no broken windows are told: none are assumed" in course.notes
