"""Asking sources: what enters the log, what each source's health is, what a shutdown leaves."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lightkeeper.claims import ClaimKind, extract
from lightkeeper.claims.records import read_record
from lightkeeper.damage import list_assets
from lightkeeper.incidents import reconcile
from lightkeeper.operations import (
    Ingested,
    Workspace,
    enter_report,
    ingest,
    restore_report,
    retract_report,
)
from lightkeeper.operations.calculate import find_alarms
from lightkeeper.operations.sources import SourceDesk, SourcePoller, list_sources
from lightkeeper.operations.workspace import PictureOptions
from lightkeeper.region import Gazetteer, Region, load_demo_region, load_gazetteer
from lightkeeper.reports import (
    SourceCheck,
    SourceFailed,
    SourceKind,
    SourceSettings,
    SourceState,
    read_path,
)
from lightkeeper.reports.download import Download, DownloadOptions, Validators
from lightkeeper.reports.look import Tools
from lightkeeper.reports.telegram_live import LiveForward
from lightkeeper.storage import SourceChecked, open_store, verify

T0 = datetime(2026, 1, 10, 4, 0, tzinfo=UTC)


@dataclass
class World:
    """The clock and the network of a test: an answer by address, or a failure."""

    now: datetime = T0
    answers: dict[str, bytes | Exception] = field(default_factory=dict)
    asked: list[tuple[str, Validators, dict[str, str]]] = field(default_factory=list)

    def download(self, url: str, held: Validators, options: DownloadOptions) -> Download:
        self.asked.append((url, held, dict(options.headers or {})))
        answer = self.answers[url]
        if isinstance(answer, Exception):
            raise answer
        etag = f'"{hash(answer)}"'
        if held.etag == etag:
            return Download(data=None, validators=held)
        return Download(data=answer, validators=Validators(etag=etag))


@pytest.fixture(scope="module")
def region() -> Region:
    return load_demo_region()


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_gazetteer()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def workspace(
    tmp_path: Path, region: Region, gazetteer: Gazetteer, world: World
) -> Iterator[Workspace]:
    with open_store(tmp_path / "log.sqlite") as store:
        yield Workspace(
            store=store,
            region=region,
            gazetteer=gazetteer,
            options=PictureOptions(),
            cap_sender="desk@lightkeeper.invalid",
            now=lambda: world.now,
        )


@pytest.fixture
def make_desk(workspace: Workspace, world: World) -> Callable[[], SourceDesk]:
    def make() -> SourceDesk:
        secrets = {"KEY": "sesame"}
        tools = Tools(gazetteer=workspace.gazetteer, secrets=secrets, download=world.download)
        return SourceDesk(workspace, tools)

    return make


@pytest.fixture
def desk(make_desk: Callable[[], SourceDesk]) -> SourceDesk:
    return make_desk()


# ---------------------------------------------------------------------- channel pages

PAGE = SourceSettings(name="lubny", kind=SourceKind.TELEGRAM_PAGE, url="https://t.me/s/lubny")


def page(*posts: tuple[int, str]) -> bytes:
    bubbles = (
        f'<div class="tgme_widget_message" data-post="lubny/{number}">'
        f'<div class="tgme_widget_message_text js-message_text">{text}</div>'
        '<a class="tgme_widget_message_date"><time datetime="2026-01-10T03:50:00+00:00"></time></a>'
        "</div>"
        for number, text in posts
    )
    return f"<html><body>{''.join(bubbles)}</body></html>".encode()


def live_texts(workspace: Workspace) -> list[str]:
    return [r.text for r in workspace.store.state().live_reports]


def test_edits_are_versions_and_deletions_events(
    desk: SourceDesk, workspace: Workspace, world: World
) -> None:
    world.answers[PAGE.url or ""] = page((1, "Dark in Lubny."), (2, "Dark in Izium."), (3, "Calm."))
    looked = desk.look(PAGE)
    assert (looked.answered, looked.n_new, looked.n_versions, looked.n_deleted) == (True, 3, 0, 0)
    assert desk.look(PAGE).n_new == 0
    world.answers[PAGE.url or ""] = page((1, "Light in Lubny."), (3, "Calm."))
    looked = desk.look(PAGE)
    assert (looked.n_new, looked.n_versions, looked.n_deleted) == (0, 1, 1)
    assert live_texts(workspace) == ["Calm.", "Light in Lubny."]
    state = workspace.store.state()
    by_text = {r.text: r.id for r in state.reports}
    assert state.replaced_by == {by_text["Dark in Lubny."]: by_text["Light in Lubny."]}
    assert set(state.deleted_at) == {by_text["Dark in Izium."]}
    assert desk.look(PAGE).n_deleted == 0
    assert verify(workspace.store) == []


def test_a_post_changed_back_or_shown_again_stands_as_it_is_shown(
    desk: SourceDesk, workspace: Workspace, world: World
) -> None:
    for posts in (
        [(1, "Dark in Lubny."), (2, "Calm.")],
        [(1, "Light in Lubny."), (3, "Calm again.")],
        [(1, "Dark in Lubny."), (2, "Calm."), (3, "Calm again.")],
    ):
        world.answers[PAGE.url or ""] = page(*posts)
        desk.look(PAGE)
    assert set(live_texts(workspace)) == {"Dark in Lubny.", "Calm.", "Calm again."}
    assert workspace.store.state().deleted_at == {}


def test_posts_that_have_scrolled_off_the_page_are_not_deleted(
    desk: SourceDesk, workspace: Workspace, world: World
) -> None:
    world.answers[PAGE.url or ""] = page((1, "First."), (2, "Second."))
    desk.look(PAGE)
    world.answers[PAGE.url or ""] = page((2, "Second."), (3, "Third."))
    assert desk.look(PAGE).n_deleted == 0
    assert live_texts(workspace) == ["First.", "Second.", "Third."]


def test_what_a_person_retracted_stays_retracted(
    desk: SourceDesk, workspace: Workspace, world: World
) -> None:
    world.answers[PAGE.url or ""] = page((1, "Dark in Lubny."))
    desk.look(PAGE)
    (report,) = workspace.store.state().reports
    retract_report(workspace, report.id, reason="a joke", actor="Olena")
    world.answers[PAGE.url or ""] = page((1, "Dark in Lubny."), (2, "Calm."))
    desk.look(PAGE)
    assert live_texts(workspace) == ["Calm."]


def test_a_deleted_post_that_a_person_restores_is_left_alone(
    desk: SourceDesk, workspace: Workspace, world: World
) -> None:
    world.answers[PAGE.url or ""] = page((1, "First."), (2, "Second."), (3, "Third."))
    desk.look(PAGE)
    world.answers[PAGE.url or ""] = page((1, "First."), (3, "Third."))
    assert desk.look(PAGE).n_deleted == 1
    (gone,) = workspace.store.state().deleted_at
    restore_report(workspace, gone, reason="true all the same", actor="Olena")
    assert desk.look(PAGE).n_deleted == 0
    assert live_texts(workspace) == ["First.", "Second.", "Third."]


def test_exports_added_by_hand_tell_edits_and_deletions_too(
    workspace: Workspace, tmp_path: Path
) -> None:
    def put(name: str, *posts: tuple[int, str]) -> Path:
        messages = [{"id": n, "type": "message", "text": text} for n, text in posts]
        path = tmp_path / name
        path.write_text(json.dumps({"name": "lubny", "messages": messages}), encoding="utf-8")
        return path

    ingest(workspace, [put("a.json", (1, "First."), (2, "Second."), (3, "Third."))], actor="Olena")
    later = put("b.json", (1, "First, changed."), (3, "Third."), (4, "Fourth."))
    done = ingest(workspace, [later], actor="Olena")
    assert [r.text for r in done.deleted] == ["Second."]
    assert live_texts(workspace) == ["Third.", "First, changed.", "Fourth."]
    assert ingest(workspace, [later], actor="Olena").deleted == ()
    restore_report(workspace, done.deleted[0].id, reason="true all the same", actor="Olena")
    assert ingest(workspace, [later], actor="Olena").deleted == ()
    assert "Second." in live_texts(workspace)


def test_an_export_read_again_does_not_bring_back_what_was_deleted(
    desk: SourceDesk, workspace: Workspace, world: World, tmp_path: Path
) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    source = SourceSettings(name="x", kind=SourceKind.TELEGRAM_EXPORT, path=str(folder))

    def put(name: str, *posts: tuple[int, str]) -> None:
        messages = [{"id": n, "type": "message", "text": text} for n, text in posts]
        export = json.dumps({"name": "lubny", "messages": messages})
        (folder / name).write_text(export, encoding="utf-8")

    world.now = datetime.now(UTC) + timedelta(hours=1)  # the files are settled
    put("new.json", (1, "First."), (3, "Third."))
    desk.look(source)
    put("old.json", (1, "First."), (2, "Second."))
    assert desk.look(source).n_new == 1
    put("new.json", (1, "First."), (3, "Third, changed."))
    looked = desk.look(source)
    assert (looked.n_versions, looked.n_deleted) == (1, 1)
    assert live_texts(workspace) == ["First.", "Third, changed."]


# ---------------------------------------------------------------------- air alerts

ALERTS = SourceSettings(
    name="alarms",
    kind=SourceKind.ALERTS_IN_UA,
    url="https://api.alerts.in.ua/v1/alerts/active.json",
    token_env="KEY",
    every_s=15.0,
)


def active(*titles: tuple[str, str, str]) -> bytes:
    alerts = [
        {
            "id": int(uid),
            "location_uid": uid,
            "location_type": level,
            "location_title": title,
            "location_oblast": "Харківська область",
            "alert_type": "air_raid",
            "started_at": "2026-01-10T03:50:00.000Z",
        }
        for uid, level, title in titles
    ]
    return json.dumps({"alerts": alerts}, ensure_ascii=False).encode()


OBLAST = ("22", "oblast", "Харківська область")
RAION = ("126", "raion", "Ізюмський район")


def alarms(workspace: Workspace, world: World) -> set[str]:
    """Names of the districts where an alarm would be drafted."""
    state = workspace.store.state()
    claims = [c for r in state.live_reports for c in read_record(r, workspace.gazetteer)]
    reported_at = {r.id: r.published_at or state.received_at[r.id] for r in state.live_reports}
    found = find_alarms(claims, reported_at, workspace.region, workspace.gazetteer, world.now)
    return {d.name_en for d in workspace.region.districts if d.id in found}


def test_alarms_follow_the_feed_through_a_restart(
    make_desk: Callable[[], SourceDesk], workspace: Workspace, world: World
) -> None:
    url = ALERTS.url or ""
    world.answers[url] = active(OBLAST, RAION)
    make_desk().look(ALERTS)
    assert world.asked[0][2] == {"Authorization": "Bearer sesame"}
    whole = alarms(workspace, world)
    assert len(whole) > 3
    desk = make_desk()
    world.now += timedelta(minutes=5)
    assert desk.look(ALERTS).n_new == 0
    world.answers[url] = active(RAION)
    assert desk.look(ALERTS).n_new == 1
    only = alarms(workspace, world)
    assert len(only) == 1
    assert only < whole
    world.now += timedelta(minutes=5)
    world.answers[url] = active(OBLAST, RAION)
    desk.look(ALERTS)
    world.now += timedelta(minutes=5)
    world.answers[url] = active(OBLAST)
    desk.look(ALERTS)
    assert alarms(workspace, world) == whole
    world.now += timedelta(minutes=5)
    world.answers[url] = active()
    desk.look(ALERTS)
    assert alarms(workspace, world) == set()
    kinds = {
        c.kind for r in workspace.store.state().reports for c in read_record(r, workspace.gazetteer)
    }
    assert kinds == {ClaimKind.ALERT, ClaimKind.ALL_CLEAR}


def test_a_feed_that_fails_or_is_damaged_clears_no_alarm(
    desk: SourceDesk, workspace: Workspace, world: World
) -> None:
    url = ALERTS.url or ""
    world.answers[url] = active(RAION)
    desk.look(ALERTS)
    on = alarms(workspace, world)
    assert on
    for answer in (
        SourceFailed("no answer"),
        b"<html>502</html>",
        b'{"alerts": [{"id": 1}]}',
        b"\xff\xff",
    ):
        world.answers[url] = answer
        assert desk.look(ALERTS).reason
        assert alarms(workspace, world) == on


def test_a_key_is_neither_logged_nor_told(
    desk: SourceDesk, workspace: Workspace, world: World, tmp_path: Path
) -> None:
    world.answers[ALERTS.url or ""] = SourceFailed("answers 401 (the key is missing or wrong)")
    assert "401" in desk.look(ALERTS).reason
    missing = replace(ALERTS, token_env="NO_SUCH_KEY")
    assert "NO_SUCH_KEY is not set" in desk.look(missing).reason
    workspace.store.close()
    assert all(b"sesame" not in path.read_bytes() for path in tmp_path.glob("log.sqlite*"))


def test_ukraine_alarm_takes_its_key_as_it_is_and_places_by_its_regions(
    desk: SourceDesk, workspace: Workspace, world: World, tmp_path: Path
) -> None:
    url = "https://api.ukrainealarm.com/api/v3/alerts"
    regions = tmp_path / "regions.json"
    child = {"regionId": "900", "regionName": "Миколаївська територіальна громада"}
    state = {"regionId": "20", "regionName": "Львівська область", "regionChildIds": [child]}
    regions.write_text(json.dumps({"states": [state]}), encoding="utf-8")
    at = "2026-01-10T03:50:00Z"
    alert = {"regionId": "900", "regionType": "Community", "type": "AIR", "lastUpdate": at}
    listed = child | {"regionType": "Community", "activeAlerts": [alert]}
    world.answers[url] = json.dumps([listed]).encode()
    source = SourceSettings(
        name="ua", kind=SourceKind.UKRAINE_ALARM, url=url, token_env="KEY", regions=str(regions)
    )
    assert desk.look(source).n_new == 1
    assert world.asked[0][2] == {"Authorization": "sesame"}
    (report,) = workspace.store.state().reports
    (claim,) = read_record(report, workspace.gazetteer)
    assert claim.places[0].code is not None
    assert claim.places[0].code.startswith("UA46")
    assert "cannot be read" in desk.look(replace(source, regions="none.json")).reason


# ---------------------------------------------------------------------- operators' lists


def test_lists_become_observations_and_inspections_once(
    desk: SourceDesk, workspace: Workspace, tmp_path: Path
) -> None:
    feeder = str(workspace.region.feeders.id[0])
    path = tmp_path / "off.json"
    path.write_text(json.dumps({"feeders": [{"feeder": feeder, "state": "off"}]}))
    source = SourceSettings(name="oblenergo", kind=SourceKind.FEEDERS, path=str(path))
    assert desk.look(source).n_new == 1
    assert desk.look(source).n_new == 0
    (observed,) = workspace.store.state().observations
    assert observed.feeder == feeder
    path.write_text("feeder,state\n")
    assert desk.look(source).n_new == 1
    assert workspace.store.state().observations == ()
    path.write_text("feeder,state\nno-such,off\n")
    assert "no-such" in desk.look(source).reason

    asset = str(list_assets(workspace.region).id[0])
    seen = tmp_path / "inspections.csv"
    crews = SourceSettings(name="crews", kind=SourceKind.INSPECTIONS, path=str(seen))
    head = "asset,status,at,by,note\n"
    seen.write_text(f"{head}{asset},no_access,2026-01-10T05:00+02:00,crew 2,mines\n")
    assert desk.look(crews).n_new == 1
    (step,) = workspace.store.state().inspection_steps
    assert (step.stage, step.note) == ("no_access", "mines")
    seen.write_text(f"{seen.read_text()}{asset},destroyed,2026-01-10T06:00+02:00,crew 2,\n")
    assert desk.look(crews).n_new == 1
    state = workspace.store.state()
    assert state.inspection_steps == ()
    assert [i.state.name for i in state.inspections] == ["DESTROYED"]


# ---------------------------------------------------------------------- feeds

FEED = SourceSettings(name="news", kind=SourceKind.FEED, url="https://news.test/feed")


def feed(*entries: tuple[str, str, str]) -> bytes:
    items = "".join(
        f"<entry><id>{i}</id><title>{title}</title><published>2026-01-10T03:00:00Z</published>"
        f"<updated>{updated}</updated></entry>"
        for i, title, updated in entries
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title>{items}</feed>'.encode()


def test_a_feeds_entries_are_reports_and_their_changes_versions(
    desk: SourceDesk, workspace: Workspace, world: World
) -> None:
    same = "2026-01-10T03:00:00Z"
    world.answers[FEED.url or ""] = feed(("1", "Dark in Lubny", same), ("2", "Calm", same))
    assert desk.look(FEED).n_new == 2
    world.answers[FEED.url or ""] = feed(("1", "Light in Lubny", "2026-01-10T03:30:00Z"))
    looked = desk.look(FEED)
    assert (looked.n_versions, looked.n_deleted) == (1, 0)
    assert live_texts(workspace) == ["Calm", "Light in Lubny"]
    report = workspace.store.state().reports[-1]
    assert report.channel == "News"
    assert report.edited_at == datetime(2026, 1, 10, 3, 30, tzinfo=UTC)


ARTICLE = """<html><head><title>{0}</title></head><body><article><h1>{0}</h1><p>In the town of
Lubny the light went out in the night after several explosions, the council said.</p><p>Crews are at
work, the hospital has its own supply, water comes by the hour.</p></article></body></html>"""


def test_the_articles_of_a_feed_are_read_ten_at_a_look(
    desk: SourceDesk, workspace: Workspace, world: World
) -> None:
    pytest.importorskip(
        "trafilatura", reason="the extra articles is not installed", exc_type=ImportError
    )
    entries = []
    for i in range(12):
        link = f"https://news.test/{i}"
        entries.append(f"<entry><id>{i}</id><title>Night {i}</title><link href='{link}'/></entry>")
        world.answers[link] = ARTICLE.format(f"Night {i}").encode()
    world.answers["https://news.test/3"] = SourceFailed("answers 404")
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom">{"".join(entries)}</feed>'
    world.answers[FEED.url or ""] = atom.encode()
    full = replace(FEED, full_text=True)
    looked = desk.look(full)
    assert (looked.n_new, looked.reason) == (10, "answers 404")
    assert desk.look(full).n_new == 2
    assert desk.look(full).n_new == 0
    texts = {r.item: r.text for r in workspace.store.state().live_reports}
    assert texts["3"] == "Night 3"
    assert "the hospital has its own supply" in texts["11"]
    n_asked = len(world.asked)
    desk.look(full)
    assert len(world.asked) == n_asked + 1


def test_an_article_that_changes_is_another_version(
    desk: SourceDesk, workspace: Workspace, world: World
) -> None:
    pytest.importorskip(
        "trafilatura", reason="the extra articles is not installed", exc_type=ImportError
    )
    url = "https://news.test/live"
    source = SourceSettings(name="live", kind=SourceKind.ARTICLE, url=url)
    world.answers[url] = ARTICLE.format("At four").encode()
    assert desk.look(source).n_new == 1
    world.answers[url] = ARTICLE.format("At five").encode()
    assert desk.look(source).n_versions == 1
    (text,) = live_texts(workspace)
    assert text.startswith("At five")


# ---------------------------------------------------------------------- live channels


@dataclass
class LiveText:
    id: int
    raw_text: str | None
    date: datetime | None = T0
    edit_date: datetime | None = None
    edit_hide: bool | None = None
    action: object | None = None
    forward: LiveForward | None = None
    reply_to_msg_id: int | None = None


@dataclass
class LiveChannel:
    """A signed-in client whose channel has these messages."""

    messages: list[LiveText]

    async def connect(self) -> None: ...
    async def disconnect(self) -> None: ...

    async def is_user_authorized(self) -> bool:
        return True

    async def get_entity(self, entity: str) -> object:
        return entity

    async def iter_messages(self, entity: object, limit: int) -> AsyncIterator[LiveText]:
        for message in reversed(self.messages[-limit:]):
            yield message


def test_edits_and_deletions_of_a_live_channel(workspace: Workspace) -> None:
    channel = LiveChannel([LiveText(1, "Dark."), LiveText(2, "Calm."), LiveText(3, "Light.")])
    keys: list[tuple[str, str, str]] = []

    def open_telegram(session: str, api_id: str, api_hash: str) -> LiveChannel:
        keys.append((session, api_id, api_hash))
        return channel

    tools = Tools(
        gazetteer=workspace.gazetteer,
        secrets={"ID": "17", "HASH": "sesame"},
        open_telegram=open_telegram,
    )
    desk = SourceDesk(workspace, tools)
    source = SourceSettings(
        name="live", kind=SourceKind.TELEGRAM_LIVE, url="@lubny", session="me",
        api_id_env="ID", api_hash_env="HASH",
    )  # fmt: skip
    assert desk.look(source).n_new == 3
    assert keys == [("me", "17", "sesame")]
    channel.messages = [LiveText(1, "Dark in part.", edit_date=T0 + timedelta(minutes=1))]
    channel.messages.append(LiveText(3, "Light."))
    looked = desk.look(source)
    assert (looked.n_versions, looked.n_deleted) == (1, 1)
    assert live_texts(workspace) == ["Light.", "Dark in part."]
    assert (
        "HASH is not set"
        in SourceDesk(workspace, replace(tools, secrets={"ID": "1"})).look(source).reason
    )


def test_a_forward_and_its_original_are_one_source(
    desk: SourceDesk, workspace: Workspace, world: World
) -> None:
    words = "У Лубнах зникло світло після вибухів."
    forward = page((9, words)).replace(
        b'<a class="tgme_widget_message_date">',
        '<a class="tgme_widget_message_forwarded_from_name">Полтавська ОВА</a>'
        '<a class="tgme_widget_message_date">'.encode(),
    )
    own = replace(PAGE, name="ova", url="https://t.me/s/ova", channel="Полтавська ОВА")
    world.answers |= {PAGE.url or "": forward, own.url or "": page((5, words))}
    assert desk.look(PAGE).n_new == desk.look(own).n_new == 1
    reports = workspace.store.state().live_reports
    assert {r.forwarded_from for r in reports} == {"Полтавська ОВА", None}
    claims = [c for r in reports for c in extract(r, workspace.gazetteer)]
    incidents = reconcile(claims, reports, workspace.gazetteer).incidents
    assert incidents
    assert {i.n_independent_sources for i in incidents} == {1}
    assert {len(i.reports) for i in incidents} == {2}


def test_two_forwards_of_hidden_senders_are_not_one_voice(
    workspace: Workspace, tmp_path: Path
) -> None:
    words = (
        "У Лубнах о 03:40 пролунали вибухи, зникло світло.",
        "Лубни знеструмлено: близько 03:40 чули вибухи, на місці працюють рятувальники.",
    )
    reports = []
    for number, text in enumerate(words):
        message = {"id": number, "type": "message", "text": text, "forwarded_from": None}
        message |= {"date_unixtime": "1768018200"}
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps({"name": f"chat {number}", "messages": [message]}))
        reports += read_path(path)
    claims = [c for r in reports for c in extract(r, workspace.gazetteer)]
    (incident,) = reconcile(claims, reports, workspace.gazetteer).incidents
    assert len(incident.reports) == len(incident.sources) == 2


# ---------------------------------------------------------------------- health


def logged_checks(workspace: Workspace) -> list[SourceCheck]:
    payloads = (e.payload for e in workspace.store.events())
    return [c for p in payloads if isinstance(p, SourceChecked) for c in p.checks]


def states(desk: SourceDesk, workspace: Workspace, world: World) -> dict[str, SourceState]:
    sources = (PAGE, ALERTS, replace(FEED, silent_after_h=2.0))
    listed = list_sources(workspace.store.state(), sources, world.now, live=desk.records())
    return {entry.name: entry.state for entry in listed}


def test_health_goes_from_waiting_through_ok_to_silent_failed_and_unwatched(
    desk: SourceDesk, workspace: Workspace, world: World
) -> None:
    quiet = replace(FEED, silent_after_h=2.0)
    assert states(desk, workspace, world) == {
        "lubny": SourceState.WAITING,
        "alarms": SourceState.WAITING,
        "news": SourceState.WAITING,
        "": SourceState.WAITING,
    }
    world.answers |= {
        FEED.url or "": feed(("1", "Calm", "2026-01-10T03:00:00Z")),
        ALERTS.url or "": active(),
        PAGE.url or "": SourceFailed("answers 503"),
    }
    for source in (PAGE, ALERTS, quiet):
        desk.look(source)
    now = states(desk, workspace, world)
    assert now == {
        "lubny": SourceState.FAILED,
        "alarms": SourceState.OK,
        "news": SourceState.OK,
        "": SourceState.WAITING,
    }
    world.now += timedelta(hours=3)
    desk.look(quiet)
    now = states(desk, workspace, world)
    assert now["news"] is SourceState.SILENT
    assert now["alarms"] is SourceState.UNWATCHED
    enter_report(workspace, source="a call", text="Dark.", published_at=None, actor="Olena")
    world.answers[PAGE.url or ""] = page((1, "Calm."))
    desk.look(PAGE)
    now = states(desk, workspace, world)
    assert now["lubny"] is SourceState.OK
    assert now[""] is SourceState.OK


def test_quiet_looks_are_logged_now_and_then_only(
    desk: SourceDesk, workspace: Workspace, world: World
) -> None:
    world.answers[ALERTS.url or ""] = active()
    for _ in range(100):
        desk.look(ALERTS)
        world.now += timedelta(seconds=15)
    checks = logged_checks(workspace)
    assert [c.at - T0 for c in checks] == [timedelta(minutes=m) for m in (0, 10, 20)]
    assert desk.records()["alarms"].last_seen_at == world.now - timedelta(seconds=15)


def test_quiet_looks_at_several_sources_share_entries(
    make_desk: Callable[[], SourceDesk], workspace: Workspace, world: World
) -> None:
    world.answers |= {ALERTS.url or "": active(), PAGE.url or "": page((1, "Calm."))}
    desk = make_desk()
    for _ in range(60):
        desk.look(ALERTS)
        world.now += timedelta(seconds=5)
        desk.look(PAGE)
        world.now += timedelta(seconds=25)
    events = [e for e in workspace.store.events() if isinstance(e.payload, SourceChecked)]
    assert len(events) == 4
    kept, live = make_desk().records(), desk.records()
    for name in ("alarms", "lubny"):
        assert live[name].n_new == kept[name].n_new == int(name == "lubny")
        seen, logged = live[name].last_seen_at, kept[name].last_seen_at
        assert seen is not None
        assert logged is not None
        assert timedelta(0) < seen - logged <= timedelta(minutes=10)


def test_a_failure_is_logged_once_until_its_reason_changes(
    desk: SourceDesk, workspace: Workspace, world: World
) -> None:
    url = PAGE.url or ""
    waits = []
    for reason in ("answers 503", "answers 503", "answers 503", "answers 404"):
        world.answers[url] = SourceFailed(reason)
        waits.append(desk.look(PAGE).wait_s)
    assert waits == [120.0, 240.0, 480.0, 960.0]
    world.answers[url] = SourceFailed("asked too often", retry_after_s=5000.0)
    assert desk.look(PAGE).wait_s == 3600.0
    world.answers[url] = page((1, "Calm."))
    assert desk.look(PAGE).wait_s == 60.0
    reasons = [check.reason for check in logged_checks(workspace)]
    assert reasons == ["answers 503", "answers 404", "asked too often", ""]
    assert desk.records()["lubny"].failing_since is None


def test_a_fault_of_the_program_is_a_failure_of_the_source_not_of_the_watch(
    desk: SourceDesk, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.answers[PAGE.url or ""] = ZeroDivisionError()
    looked = desk.look(PAGE)
    assert looked.reason == "the program failed: ZeroDivisionError"
    assert "source lubny" in caplog.text


def test_a_dry_look_logs_nothing(desk: SourceDesk, workspace: Workspace, world: World) -> None:
    world.answers[PAGE.url or ""] = page((1, "Calm."))
    assert desk.look(PAGE, is_dry=True).n_new == 1
    assert workspace.store.events() == ()
    assert desk.look(PAGE).n_new == 1


def test_the_poller_asks_until_it_is_stopped(
    desk: SourceDesk, workspace: Workspace, world: World
) -> None:
    world.answers |= {PAGE.url or "": page((1, "Calm.")), ALERTS.url or "": active(OBLAST)}
    poller = SourcePoller(desk, [replace(PAGE, every_s=0.01), replace(ALERTS, every_s=0.01)])
    poller.start()
    while len(world.asked) < 20:
        world.now += timedelta(microseconds=1)
    poller.stop()
    n_asked = len(world.asked)
    assert len(workspace.store.state().reports) == 2
    assert {url for url, _, _ in world.asked} == {PAGE.url, ALERTS.url}
    assert not any(t.is_alive() for t in poller._threads)
    assert len(world.asked) == n_asked


# ---------------------------------------------------------------------- by hand


def test_words_entered_by_hand_keep_whose_they_are_and_when(
    workspace: Workspace, world: World
) -> None:
    def enter(at: datetime) -> Ingested:
        words = "Feeder 3 is off."
        return enter_report(
            workspace, source=" Duty engineer ", text=words, published_at=at, actor="Olena"
        )

    first = enter(T0)
    (report,) = first.new
    assert (report.source, report.published_at) == ("Duty engineer", T0)
    assert enter(T0).new == ()
    later = enter(T0 + timedelta(days=1))
    assert len(later.new) == 1
    assert len(workspace.store.state().live_reports) == 2
    assert workspace.store.events()[0].actor == "Olena"
