"""The use case of evaluation: sets and plain reports in, a table and an export out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lightkeeper.errors import InputError
from lightkeeper.operations import evaluate_claims


def test_export_has_one_line_a_report(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    report = tmp_path / "in" / "a.txt"
    report.write_text("Nobody was hurt in Lubny. A substation was damaged.", encoding="utf-8")
    posts = tmp_path / "set.jsonl"
    row = {"id": "P1", "text": "У Лубнах вибухи.", "gold": {"claims": []}}
    posts.write_text(json.dumps(row), encoding="utf-8")
    export = tmp_path / "out.jsonl"

    done = evaluate_claims([report.parent, posts], export=export)

    assert (done.n_reports, done.n_claims) == (2, 3)
    said = [json.loads(line) for line in export.read_text("utf-8").splitlines()]
    assert [(s["id"], len(s["claims"])) for s in said] == [("a.txt", 2), ("P1", 1)]
    assert done.evaluation.total.n_read == 1


def test_an_export_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    report = tmp_path / "a.txt"
    report.write_text("Explosions were heard in Lubny.", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written"):
        evaluate_claims([report], export=tmp_path / "no" / "out.jsonl")
