"""`lightkeeper sources` and the log behind it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from lightkeeper.cli.main import run

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
