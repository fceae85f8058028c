"""`lightkeeper read`: what would be read in a file, with and without a language model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from chat_server import chat_server, claims_answer

from lightkeeper.cli.main import run

REPORT = "Explosions were heard in Poltava. Three people were injured, the mayor said.\n"


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIGHTKEEPER_DATABASE", f"sqlite:///{tmp_path / 'log.sqlite'}")
    monkeypatch.setenv("COLUMNS", "200")
    path = tmp_path / "report.txt"
    path.write_text(REPORT, encoding="utf-8")
    return path


def test_prints_claims_and_keeps_nothing(
    report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["read", str(report)]) == 0
    printed = capsys.readouterr().out
    assert 'explosions "Explosions were heard in Poltava"' in printed
    assert "by mayor" in printed
    assert not (tmp_path / "log.sqlite").exists()


def test_comparing_needs_a_model_that_is_set(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["read", str(report), "--compare"]) == 2
    assert "LIGHTKEEPER_LANGUAGE_MODEL_URL" in capsys.readouterr().err


def test_says_where_the_text_goes_and_what_is_not_agreed_on(
    report: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {
        "quote": "Explosions were heard in Poltava",
        "kind": "explosions",
        "layer": "incident",
        "certainty": "likely",
    }
    with chat_server(lambda _: claims_answer(said, said | {"quote": "[red]no one[/]"})) as server:
        monkeypatch.setenv("LIGHTKEEPER_LANGUAGE_MODEL_URL", server.url)
        assert run(["read", str(report), "--compare"]) == 0
        printed = capsys.readouterr()
        host = server.url.removeprefix("http://").removesuffix("/v1")
        assert f"the texts are sent to {host}" in printed.err
        assert "differs: explosions" in printed.out
        assert "certainty: rules observed, model likely" in printed.out
        assert "only rules: casualties" in printed.out
        assert 'refused: claim "[red]no one[/]", not verbatim' in printed.out
        assert run(["read", str(report), "--compare", "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert one["second"]["outcome"] == "answered"
    assert {c["agreement"] for c in one["second"]["comparisons"]} == {"differs", "only_rules"}


def test_a_model_that_fails_leaves_the_rules(
    report: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIGHTKEEPER_LANGUAGE_MODEL_URL", "http://127.0.0.1:9/v1")
    assert run(["read", str(report), "--compare"]) == 0
    printed = capsys.readouterr().out
    assert "unreachable" in printed
    assert 'explosions "Explosions were heard in Poltava"' in printed


def test_a_model_is_evaluated_as_the_rules_are(
    report: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    gold = {"id": "1-1", "kind": "explosions", "span": "Explosions", "must": True,
            "layer": "incident", "polarity": "positive",
            "place": [{"name_en": "Poltava", "level": "settlement"}]}  # fmt: skip
    post = {"id": "1", "lang": "en", "channel": None, "posted_at": None, "reply_to": None,
            "forwarded_from": None, "text": REPORT, "gold": {"claims": [gold]}}  # fmt: skip
    path = report.with_name("set.jsonl")
    path.write_text(json.dumps(post) + "\n", encoding="utf-8")
    said = {"quote": "Explosions were heard in Poltava", "kind": "explosions", "layer": "incident",
            "certainty": "observed", "place_words": ["Poltava"]}  # fmt: skip
    with chat_server(lambda _: claims_answer(said)) as server:
        monkeypatch.setenv("LIGHTKEEPER_LANGUAGE_MODEL_URL", server.url)
        assert run(["evaluate", "claims", str(path), "--model", "--json"]) == 0
        assert len(server.requests) == 1
    done = json.loads(capsys.readouterr().out)
    assert done["n_claims"] == 1
    tally = done["evaluation"]["tallies"]["explosions"]
    assert (tally["n_gold"], tally["n_found"], tally["n_read"], tally["n_right"]) == (1, 1, 1, 1)
