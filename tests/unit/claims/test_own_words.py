"""Words and rules of one's own, added in text files, as the how-to page shows."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lightkeeper.claims import ClaimKind, ExtractOptions, extract
from lightkeeper.errors import InputError
from lightkeeper.operations import evaluate_claims
from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.reports import make_report

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "reading-rules.md"
FLICKERING = make_report("desk", "У Лубнах моргає світло.")
LAWN_MOWERS = make_report("desk", "Лубни атакували газонокосарками, пошкоджено дах.")


@pytest.fixture
def lexicons(tmp_path: Path) -> Path:
    """The files of the how-to page, each named by its first line."""
    blocks = re.findall(r"```toml\n# (\S+)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert {name for name, _ in blocks} == {"uk/rules.toml", "uk/words.toml"}
    for name, text in blocks:
        path = tmp_path / "my-lexicons" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path / "my-lexicons"


def test_a_rule_and_a_word_of_ones_own(gazetteer: Gazetteer, lexicons: Path) -> None:
    own = ExtractOptions(lexicons=lexicons)
    assert not extract(FLICKERING, gazetteer)
    (outage,) = extract(FLICKERING, gazetteer, own)
    assert (outage.kind, outage.effect) == (ClaimKind.OUTAGE, "partial")
    without = {c.weapons for c in extract(LAWN_MOWERS, gazetteer)}
    assert without == {None}
    assert {w.items for c in extract(LAWN_MOWERS, gazetteer, own) if (w := c.weapons)} == {
        ("shahed_uav",)
    }


def test_their_effect_is_seen_on_a_set(lexicons: Path, tmp_path: Path) -> None:
    gold = {"kind": "effect_outage", "span": "моргає світло", "place": [{"name_uk": "Лубни"}]}
    row = {"id": "P1", "text": FLICKERING.text, "gold": {"claims": [gold]}}
    posts = tmp_path / "posts.jsonl"
    posts.write_text(json.dumps(row, ensure_ascii=False), "utf-8")
    without = evaluate_claims([posts]).evaluation
    assert without.total.recall == 0.0
    assert dict(without.mistaken["effect_outage"]) == {"missed": 1}
    assert evaluate_claims([posts], lexicons=lexicons).evaluation.total.recall == 1.0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[rule]]\nkind = "outage"\nwhen = [".. світло"]', "write words at both ends"),
        ('[[rule]]\nkind = "outage"\nwhen = ["{nothing} світло"]', "no group is called nothing"),
        ('[[rule]]\nkind = "outage"\nwhere = ["світло"]', "unknown key where"),
        ('[groups]\nlamp = "світло лампа"', "without spaces"),
        ("[[rule]", "at line 1"),
    ],
)
def test_what_is_wrong_is_said(gazetteer: Gazetteer, tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "uk").mkdir()
    (tmp_path / "uk" / "rules.toml").write_text(text, "utf-8")
    with pytest.raises(InputError, match="lexicon"):
        extract(FLICKERING, gazetteer, ExtractOptions(lexicons=tmp_path))
    with pytest.raises(InputError, match=re.escape(says)):
        extract(FLICKERING, gazetteer, ExtractOptions(lexicons=tmp_path))
