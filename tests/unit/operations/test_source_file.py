"""The file of sources."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lightkeeper.errors import DataInvalid, InputError
from lightkeeper.operations.source_file import find_missing, read_source_file
from lightkeeper.reports import SourceKind

GOOD = """
[[source]]
name = "inbox"
kind = "files"
path = "inbox"

[[source]]
name = "air alerts"
kind = "alerts_in_ua"
token_env = "ALERTS_KEY"

[[source]]
name = "Lubny"
kind = "telegram_page"
url = "https://t.me/s/lubny"
every_s = 90
silent_after_h = 6
channel = "Лубенська міська рада"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "sources.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_file(tmp_path: Path) -> None:
    inbox, alerts, lubny = read_source_file(write(tmp_path, GOOD))
    assert (inbox.kind, inbox.path) == (SourceKind.FILES, str(tmp_path / "inbox"))
    assert (inbox.every_s, inbox.max_mb) == (10.0, 32.0)
    assert alerts.url == "https://api.alerts.in.ua/v1/alerts/active.json"
    assert (alerts.silent_after_h, alerts.max_mb) == (None, 8.0)
    assert (lubny.every_s, lubny.silent_after_h) == (90.0, 6.0)
    assert lubny.channel == "Лубенська міська рада"


def source(**said: object) -> str:
    rows = {"name": "x", "kind": "feed", "url": "https://news.test/feed"} | said
    lines = [
        f'{k} = "{v}"' if isinstance(v, str) else f"{k} = {v}" for k, v in rows.items() if v != ""
    ]
    return "[[source]]\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (source(kind="fead"), "kind"),
        (source(urll="x"), 'did you mean "url"'),
        (source(url=""), "url is missing"),
        (source(url="ftp://a/b"), "no web address"),
        (source(url="https://[::1"), "cannot be read"),
        (source(url="https://me:pw@news.test/feed"), "holds a key"),
        (source(url="https://news.test/feed?token=1"), "holds a key"),
        (source(token_env="K", url="http://news.test/feed"), "unencrypted"),
        (source(every_s=1), "every_s is 1"),
        (source(every_s="soon"), "every_s"),
        (source(timeout_s=0), "above 0"),
        (source(silent_after_h=-1), "above 0"),
        (source(name=" "), "name is empty"),
        (source(kind="manual"), "by hand"),
        (source(kind="feeders", path="a.csv"), "one of the two"),
        (source(kind="alerts_in_ua", url=""), "token_env is missing"),
        (source(kind="telegram_live"), "session is missing"),
        (source() + source(), "name is taken"),
        ("title = 1\n" + source(), "more than tables"),
        ("[source]\nname = 1\n", "more than tables"),
    ],
)
def test_every_fault_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(DataInvalid) as caught:
        read_source_file(write(tmp_path, text))
    assert any(words in str(p) for p in caught.value.problems)


def test_a_loopback_address_may_take_a_key_unencrypted(tmp_path: Path) -> None:
    text = source(token_env="K", url="http://127.0.0.1:9/feed")
    assert read_source_file(write(tmp_path, text))[0].token_env == "K"


def test_a_file_that_is_none_is_said_so(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", write(tmp_path, "[[source]")):
        with pytest.raises(InputError, match="cannot be read"):
            read_source_file(path)


def test_what_this_machine_lacks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live = source(
        name="live", kind="telegram_live", url="@lubny", session="me", api_id_env="ID",
        api_hash_env="HASH",
    )  # fmt: skip
    inbox, alerts, lubny, telegram = read_source_file(write(tmp_path, GOOD + live))
    assert "inbox" in str(find_missing(inbox, {})[0])
    (tmp_path / "inbox").mkdir()
    assert find_missing(inbox, {}) == []
    assert "ALERTS_KEY is not set" in str(find_missing(alerts, {"ALERTS_KEY": " "})[0])
    assert find_missing(alerts, {"ALERTS_KEY": "k"}) == []
    assert find_missing(lubny, {}) == []
    words = "; ".join(str(p) for p in find_missing(telegram, {"ID": "1"}))
    assert "HASH is not set" in words
    assert "me.session" in words
    (tmp_path / "me.session").touch()
    pytest.importorskip("telethon", reason="the extra telegram is not installed")
    assert find_missing(telegram, {"ID": "1", "HASH": "h"}) == []
    monkeypatch.setitem(sys.modules, "telethon", None)
    (missing,) = find_missing(telegram, {"ID": "1", "HASH": "h"})
    assert "lightkeeper[telegram]" in str(missing)


HOW_TO = Path(__file__).parents[3] / "docs" / "how-to" / "sources.md"


def test_the_example_of_the_docs_is_a_good_file_and_every_kind_is_told(tmp_path: Path) -> None:
    page = HOW_TO.read_text(encoding="utf-8")
    example = page.partition("```toml\n")[2].partition("```")[0]
    found = read_source_file(write(tmp_path, example))
    assert len(found) == 6
    told = page.partition("## Kinds")[2].partition("## Lists")[0]
    assert [k for k in SourceKind if f"`{k}`" not in told] == [SourceKind.MANUAL]
