"""`lightkeeper sources` and the log behind it."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import sleep

import httpx
import pytest
from rich.console import Console
from small_picture import NOW, make_picture

from lightkeeper.cli.main import run
from lightkeeper.cli.show import show_picture
from lightkeeper.notices import Audience, project
from lightkeeper.notices.picture import SourceEntry
from lightkeeper.reports import ReportId, SourceKind, SourceState
from lightkeeper.storage import open_store, verify

SOURCES = """
[[source]]
name = "inbox"
kind = "files"
path = "inbox"

[[source]]
name = "absent"
kind = "files"
path = "no-such-folder"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIGHTKEEPER_DATABASE", f"sqlite:///{tmp_path / 'log.sqlite'}")
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "sources.toml").write_text(SOURCES, encoding="utf-8")
    (tmp_path / "inbox").mkdir()
    report = tmp_path / "inbox" / "a.txt"
    report.write_text("Power is out in Lubny.", encoding="utf-8")
    os.utime(report, (1_000_000_000, 1_000_000_000))
    return tmp_path


def ask(capsys: pytest.CaptureFixture[str], *words: str, expect: int = 0) -> tuple[str, str]:
    code = run(["sources", *words])
    out, err = capsys.readouterr()
    assert code == expect, out + err
    return out, err


def test_check_poll_and_list(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = ("--file", "sources.toml")
    out, _ = ask(capsys, "check", *file, expect=2)
    assert "no-such-folder" in out
    assert "2 source(s), 1 problem(s)" in out
    out, _ = ask(capsys, "poll", "inbox", "--dry-run", *file)
    assert out == "inbox: 1 new, 0 changed, 0 deleted\n"
    out, err = ask(capsys, "poll", *file, expect=4)
    assert "inbox: 1 new" in out
    assert "absent: failed" in out
    assert "No such file" in err
    out, _ = ask(capsys, "poll", "inbox", *file, "--json")
    assert [(row["name"], row["n_new"]) for row in json.loads(out)] == [("inbox", 0)]
    out, _ = ask(capsys, "list", *file)
    assert "answers" in out
    assert "failed" in out
    out, _ = ask(capsys, "list", *file, "--json")
    states = {row["name"]: row["state"] for row in json.loads(out)}
    assert states == {"inbox": "ok", "absent": "failed", "": "waiting"}


def test_the_file_of_the_settings_is_taken(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, err = ask(capsys, "poll", expect=2)
    assert "LIGHTKEEPER_SOURCES" in err
    monkeypatch.setenv("LIGHTKEEPER_SOURCES", str(folder / "sources.toml"))
    assert "inbox: 1 new" in ask(capsys, "poll", "inbox")[0]
    _, err = ask(capsys, "poll", "nobody", expect=2)
    assert 'no source "nobody"' in err


def entry(name: str, state: SourceState, reason: str = "") -> SourceEntry:
    return SourceEntry(
        name=name,
        kind=SourceKind.FEED,
        state=state,
        last_seen_at=None,
        last_new_at=None,
        failing_since=None,
        reason=reason,
        n_new=0,
        n_gone=0,
        every_s=60.0,
        silent_after_h=None,
    )


def test_the_picture_names_sources_in_trouble_and_counts_what_no_longer_counts() -> None:
    picture = make_picture()
    (report,) = picture.reports
    reports = (
        report,
        replace(report, id=ReportId("old"), replaced_by=report.id),
        replace(report, id=ReportId("gone"), deleted_at=NOW),
    )
    sources = (
        entry("good feed", SourceState.OK),
        entry("[bold]odd", SourceState.FAILED, "answers 503"),
        entry("quiet", SourceState.SILENT),
    )
    stream = io.StringIO()
    show_picture(
        Console(file=stream, width=200), replace(picture, reports=reports, sources=sources)
    )
    text = stream.getvalue()
    assert "1 report(s) (2 more retracted, replaced or deleted)" in text
    assert "source [bold]odd failed: answers 503" in text
    assert "source quiet silent" in text
    assert "good feed" not in text


def test_the_public_is_told_of_no_source() -> None:
    picture = replace(make_picture(), sources=(entry("feed", SourceState.FAILED, "secret path"),))
    assert project(picture, Audience.PUBLIC, now=NOW).sources == ()
    assert project(picture, Audience.OFFICIAL, now=NOW).sources == picture.sources


class Alerts(BaseHTTPRequestHandler):
    """A feed with one alert, for whoever has the key."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        may = self.headers["Authorization"] == "Bearer sesame"
        body = json.dumps({"alerts": [ALERT]}).encode() if may else b""
        self.send_response(200 if may else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ALERT = {
    "id": 7,
    "location_uid": "22",
    "location_type": "oblast",
    "location_title": "Харківська область",
    "location_oblast": "Харківська область",
    "alert_type": "air_raid",
    "started_at": "2026-01-10T03:50:00.000Z",
}


@pytest.fixture
def feed() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Alerts)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/active.json"
    server.shutdown()
    thread.join()
    server.server_close()


def test_serve_asks_sources_and_stops_clean_when_interrupted(folder: Path, feed: str) -> None:
    (folder / "sources.toml").write_text(
        f'{SOURCES}\n[[source]]\nname = "alarms"\nkind = "alerts_in_ua"\nurl = "{feed}"\n'
        'token_env = "ALERTS_KEY"\n',
        encoding="utf-8",
    )
    words = ["serve", "--sources", "sources.toml", "--port", "0", "--json"]
    # A parent in the background of a shell leaves interrupts ignored to its children.
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        f"from lightkeeper.cli.main import run; raise SystemExit(run({words!r}))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=folder,
        env=os.environ | {"ALERTS_KEY": "sesame"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = json.loads(process.stdout.readline())["url"]
        states: dict[str, str] = {}
        while states.get("alarms", "waiting") == "waiting" or states["inbox"] == "waiting":
            listed = httpx.get(f"{address}api/sources", timeout=30).json()
            states = {entry["name"]: entry["state"] for entry in listed}
            assert process.poll() is None
            sleep(0.05)
        assert states == {"alarms": "ok", "inbox": "ok", "absent": "failed", "": "waiting"}
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "sesame" not in out + err
    with open_store(folder / "log.sqlite") as store:
        assert verify(store) == []
        assert {r.media_type.name for r in store.state().live_reports} == {"TEXT", "ALERT"}
