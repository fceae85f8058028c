"""The evaluation of incidents on the project's own small set, and its export."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lightkeeper.errors import InputError
from lightkeeper.operations.evaluate_incidents import evaluate_incidents, read_gold

CASE = Path(__file__).resolve().parents[2] / "cases" / "posts_small"


@pytest.mark.parametrize("use_channel_types", [True, False])
def test_events_and_sources_of_a_set_nobody_tuned_for(
    use_channel_types: bool, tmp_path: Path
) -> None:
    done = evaluate_incidents(
        [CASE / "posts.jsonl"],
        gold=CASE / "incidents.json",
        export=tmp_path / "out.jsonl",
        use_channel_types=use_channel_types,
    )
    assert done.n_reports == 40
    assert done.score is not None
    assert done.score.pairs.f1 >= 0.95
    assert done.n_sources_right >= 9
    assert done.merged_wrongly == ()
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert len(lines) == done.n_found
    by_member = {m: line for line in lines for m in line["members"]}
    assert len(by_member) == sum(len(line["members"]) for line in lines)
    first_night, second_night = by_member["P04"], by_member["P13"]
    assert first_night["merged"]["customers_now"] == 0
    assert first_night["merged"]["customers_peak"]["best"] == 26_300
    assert second_night["id"] != first_night["id"]
    hit = by_member["P28"]
    assert hit["merged"]["customers_now"]["best"] == 52_000  # 60,000 was edited away
    assert hit["merged"]["customers_peak"]["best"] == 52_000
    assert hit["merged"]["injured"]["best"] == 5
    assert {"P29", "P30"} <= set(hit["members"])
    assert any(s["by"] == "P32" and s["field"] == "injured" for s in hit["superseded"])
    assert by_member["P17"]["merged"]["strike"] is False
    assert by_member["P24"]["id"] == hit["parent"]


def test_gold_that_is_none_is_refused(tmp_path: Path) -> None:
    bad = tmp_path / "gold.json"
    bad.write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match="no list of incidents"):
        read_gold(bad)
    with pytest.raises(InputError, match="cannot be read"):
        read_gold(tmp_path / "none.json")
