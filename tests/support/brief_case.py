"""The stage `brief` of the data-only cases: report texts, and what a brief of them says or not.

`case.toml` has a `[[report]]` for each text: its file under `reports`, and where told its channel
and when it was published.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

from brief_numbers import sentences_of

from lightkeeper.claims import extract
from lightkeeper.incidents import reconcile
from lightkeeper.incidents.brief import BriefOptions, Material, Scope, make_brief
from lightkeeper.incidents.origins import OFFICIAL, author_of
from lightkeeper.region import load_gazetteer
from lightkeeper.reports import MediaType, make_report

AS_OF = datetime(2026, 1, 12, 6, tzinfo=UTC)


class BriefExpected(TypedDict):
    """`expected.json`: for each language what stands in a sentence, and what in none."""

    says: dict[str, list[str]]
    never: dict[str, list[str]]


def check_brief(folder: Path) -> None:
    """Make the brief of a folder's reports in both languages and compare."""
    asked = tomllib.loads((folder / "case.toml").read_text("utf-8"))
    reports = [
        replace(
            make_report(
                r["file"],
                (folder / "reports" / r["file"]).read_text("utf-8").strip(),
                published_at=r.get("published_at"),
            ),
            media_type=MediaType.TEXT,
            channel=r.get("channel"),
        )
        for r in asked["report"]
    ]
    gazetteer = load_gazetteer()
    found = reconcile([c for r in reports for c in extract(r, gazetteer)], reports, gazetteer)
    material = Material(
        incidents=found.incidents,
        outside=found.outside,
        reports={r.id: r for r in reports},
        gazetteer=gazetteer,
        as_of=AS_OF,
        authors={r.id: a.role for r in reports if (a := author_of(r, {})).role in OFFICIAL},
    )
    expected: BriefExpected = json.loads((folder / "expected.json").read_text("utf-8"))
    for language, said in expected["says"].items():
        brief = make_brief(material, Scope(), options=BriefOptions(language=language))
        text = "\n".join(s.text for s in sentences_of(brief))
        for words in said:
            assert words in text, (language, words, text)
        for words in expected["never"][language]:
            assert words not in text, (language, words)
