"""Evaluate the reading of reports on a set, and export what was read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lightkeeper.claims.evaluate import Evaluation, Item, evaluate, read_item, read_set
from lightkeeper.claims.extract import ExtractOptions
from lightkeeper.claims.model import Claim
from lightkeeper.errors import InputError
from lightkeeper.operations.language_model import ModelEndpoint, extract_with_model
from lightkeeper.operations.workspace import Progress, no_progress
from lightkeeper.region import load_gazetteer
from lightkeeper.reports import Report, read_path


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsEvaluation:
    """The result of a set; `exported` is the file written, if one was asked for."""

    n_reports: int
    n_claims: int
    evaluation: Evaluation
    exported: Path | None


def evaluate_claims(
    paths: Sequence[Path],
    *,
    export: Path | None = None,
    lexicons: Path | None = None,
    endpoint: ModelEndpoint | None = None,
    progress: Progress = no_progress,
) -> ClaimsEvaluation:
    """Read every report of the sets named and compare the claims with the gold.

    Parameters
    ----------
    paths
        JSON Lines files of annotated posts or headlines; any other file, or a folder of them, is
        read as reports without gold, whose ids are the files' names.
    export
        JSON Lines file to write what was read to, one report a line.
    lexicons
        Folder of own words and rules, which come before those of the package.
    endpoint
        Have its language model read the reports instead of the rules: their texts are sent there.

    Raises
    ------
    InputError
        A path is missing, a line is of no known layout, or the export cannot be written.
    """
    items = [item for path in paths for item in _items(path)]
    gazetteer = load_gazetteer()
    readings = []

    def by_model(report: Report) -> list[Claim]:
        return [] if endpoint is None else extract_with_model(report, gazetteer, endpoint)

    for i, item in enumerate(items):
        progress("reading reports", i / max(len(items), 1))
        options = ExtractOptions(lexicons=lexicons)
        read = None if endpoint is None else by_model
        readings.append(read_item(item, gazetteer, options, read=read))
    if export is not None:
        lines = (json.dumps(r.line(gazetteer), ensure_ascii=False) + "\n" for r in readings)
        try:
            export.write_text("".join(lines), encoding="utf-8")
        except OSError as error:
            raise InputError(f'"{export}" cannot be written: {error.strerror}') from error
    return ClaimsEvaluation(
        n_reports=len(items),
        n_claims=sum(len(r.claims) for r in readings),
        evaluation=evaluate(readings, gazetteer),
        exported=export,
    )


def _items(path: Path) -> list[Item]:
    if path.suffix == ".jsonl":
        try:
            lines = path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f'"{path}" cannot be read: {error}') from error
        return read_set(lines, path.name)
    files = sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else [path]
    out: list[Item] = []
    for file in files:
        reports = read_path(file)
        for report in reports:
            name = file.name if len(reports) == 1 else f"{file.name}:{report.item}"
            out.append(Item(id=name, report=report))
    return out
