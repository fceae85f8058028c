"""Briefs and the review queue on a real log: acts are kept, take effect, and can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from small_picture import make_region

from lightkeeper.errors import InputError, NotAllowed, NotFound, PlaceUnknown
from lightkeeper.incidents.review import ReviewActKind, ReviewItem, ReviewKind
from lightkeeper.notices import Audience
from lightkeeper.operations import (
    BriefRequest,
    PictureOptions,
    ReviewDesk,
    Workspace,
    brief_of_files,
    brief_of_log,
    enter_report,
    restore_claim,
    restore_report,
    retract_report,
    undo_merge,
)
from lightkeeper.region import Gazetteer, load_gazetteer
from lightkeeper.settings import Settings
from lightkeeper.storage import open_store

NOW = datetime(2026, 1, 11, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_gazetteer()


@pytest.fixture
def workspace(tmp_path: Path, gazetteer: Gazetteer) -> Iterator[Workspace]:
    with open_store(tmp_path / "log.sqlite") as store:
        yield Workspace(
            store=store,
            region=make_region(),
            gazetteer=gazetteer,
            options=PictureOptions(),
            cap_sender="x@y",
            now=lambda: NOW,
        )


def enter(workspace: Workspace, source: str, text: str, hours: float) -> str:
    done = enter_report(
        workspace,
        source=source,
        text=text,
        published_at=datetime(2026, 1, 10, 22, tzinfo=UTC) + timedelta(hours=hours),
        actor="t",
    )
    return done.new[0].id


@pytest.fixture
def filled(workspace: Workspace) -> Workspace:
    enter(
        workspace,
        "Новини",
        "В Ізюмі пролунало близько 10 вибухів. За даними міської військової адміністрації, без "
        "електропостачання залишилися 34 200 споживачів. Одну людину поранено.",
        0.0,
    )
    enter(
        workspace,
        "Газета",
        "В Ізюмі пролунали вибухи. Поранено трьох людей, сказали в обласній військовій "
        "адміністрації.",
        0.5,
    )
    return workspace


def find(items: tuple[ReviewItem, ...], kind: ReviewKind) -> ReviewItem:
    return next(i for i in items if i.kind is kind)


def test_an_item_let_stand_vanishes_and_comes_back(filled: Workspace) -> None:
    desk = ReviewDesk(filled)
    before = desk.items(Audience.OPERATOR)
    item = find(before, ReviewKind.ORIGIN_NOT_HELD)
    desk.confirm(item.id, note="asked them", actor="O. Koval")
    assert item.id not in {i.id for i in desk.items(Audience.OPERATOR)}
    logged = filled.store.events()[-1]
    assert (logged.actor, logged.payload.kind.value) == ("O. Koval", "review_confirmed")
    desk.reopen(item.id, note="", actor="O. Koval")
    assert desk.items(Audience.OPERATOR) == before


def test_a_report_taken_back_takes_its_items_along_and_can_be_restored(filled: Workspace) -> None:
    desk = ReviewDesk(filled)
    before = desk.items(Audience.OFFICIAL)
    item = find(before, ReviewKind.ORIGIN_NOT_HELD)
    report = item.reports[0]
    retract_report(filled, report, reason="wrong", actor="O. Koval")
    left = desk.items(Audience.OFFICIAL)
    assert not any(report in i.reports for i in left)
    restore_report(filled, report, reason="right after all", actor="O. Koval")
    assert desk.items(Audience.OFFICIAL) == before


def test_a_claim_taken_back_is_gone_from_brief_and_queue(filled: Workspace) -> None:
    desk = ReviewDesk(filled)
    enter(
        filled,
        "Wire",
        "Explosions were heard in Izium. The shelling that followed hit several districts.",
        0.7,
    )
    before = desk.items(Audience.OPERATOR)
    item = find(before, ReviewKind.SECOND_ATTACK)
    claim = next(a.claim for a in item.acts if a.kind is ReviewActKind.RETRACT_CLAIM)
    assert claim is not None
    desk.act(item.id, ReviewActKind.RETRACT_CLAIM, note="misread", actor="O. Koval", on=claim)
    assert item.id not in {i.id for i in desk.items(Audience.OPERATOR)}
    brief = brief_of_log(filled, BriefRequest(language="en"))
    assert claim not in {f.claim for f in brief.footnotes}
    restore_claim(filled, claim, reason="", actor="O. Koval")
    assert desk.items(Audience.OPERATOR) == before


def test_a_split_settles_a_pair_and_is_undone(filled: Workspace) -> None:
    desk = ReviewDesk(filled)
    before = desk.items(Audience.OPERATOR)
    pairs = [i for i in before if i.kind in (ReviewKind.WEAK_MERGE, ReviewKind.NEARLY_MERGED)]
    (item,) = pairs
    desk.act(item.id, ReviewActKind.SPLIT, note="", actor="O. Koval")
    assert item.id not in {i.id for i in desk.items(Audience.OPERATOR)}
    undo_merge(filled, filled.store.state().decision_seqs[-1], actor="O. Koval")
    assert desk.items(Audience.OPERATOR) == before


def test_the_desk_keeps_up_as_a_new_one_would_see_it(filled: Workspace) -> None:
    desk = ReviewDesk(filled)
    desk.items(Audience.OPERATOR)
    enter(filled, "Третя", "В Одесі пролунали вибухи, загинула людина.", 1.0)
    assert desk.items(Audience.OPERATOR) == ReviewDesk(filled).items(Audience.OPERATOR)


def test_what_cannot_be_done_is_refused(filled: Workspace) -> None:
    desk = ReviewDesk(filled)
    with pytest.raises(NotFound):
        desk.confirm("nothing", note="", actor="O. Koval")
    with pytest.raises(NotFound):
        desk.reopen("nothing", note="", actor="O. Koval")
    with pytest.raises(NotAllowed):
        desk.items(Audience.PUBLIC)
    item = find(desk.items(Audience.OPERATOR), ReviewKind.ORIGIN_NOT_HELD)
    with pytest.raises(InputError, match="it offers"):
        desk.act(item.id, ReviewActKind.MERGE, note="", actor="O. Koval")
    with pytest.raises(InputError, match="your name"):
        desk.confirm(item.id, note="", actor=" ")


def test_a_brief_of_the_past_knows_nothing_later(filled: Workspace) -> None:
    brief = brief_of_log(filled, BriefRequest(language="en"), at=NOW - timedelta(hours=1))
    assert brief.incidents == ()
    assert "does not mean" in brief.note
    now = brief_of_log(filled, BriefRequest(language="en"))
    assert now.incidents
    assert now.is_exercise
    assert now.audience == "official"


def test_a_place_is_named_by_name_or_code(filled: Workspace, gazetteer: Gazetteer) -> None:
    code = gazetteer.find_one("Ізюмський район").code
    for place in ("Ізюмський район", code, "Izium"):
        assert brief_of_log(filled, BriefRequest(place=place)).incidents
    assert brief_of_log(filled, BriefRequest(place="Одеська область")).incidents == ()
    with pytest.raises(PlaceUnknown):
        brief_of_log(filled, BriefRequest(place="Nowhereville"))


def test_an_odd_request_is_refused(filled: Workspace) -> None:
    with pytest.raises(InputError, match="not spoken"):
        brief_of_log(filled, BriefRequest(language="de"))
    with pytest.raises(InputError, match="before it begins"):
        brief_of_log(filled, BriefRequest(from_at=NOW, to_at=NOW - timedelta(hours=1)))


def test_files_make_a_brief_too(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Explosions were heard in Izium, the mayor said.", encoding="utf-8")
    request = replace(BriefRequest(), language="en")
    brief = brief_of_files([path], request, settings=Settings())
    assert "explosions are reported in the city of Izium" in brief.incidents[0].takeaways[0].text
