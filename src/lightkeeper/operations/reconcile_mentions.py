"""Reconcile event mentions from a file, and score the outcome where the truth is known."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from lightkeeper.errors import InputError
from lightkeeper.incidents.mentions import (
    gold_groups,
    lemma_baseline,
    read_mentions,
    reconcile_mentions,
    to_conll,
)
from lightkeeper.incidents.score import GroupingScore, score_groups

BASELINE_DELTA = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionsReconciled:
    """Groups of mentions; scores by way of grouping, none where the file has no gold chains."""

    n_mentions: int
    n_documents: int
    groups: tuple[tuple[str, ...], ...]
    scores: tuple[tuple[str, GroupingScore], ...]
    written: tuple[Path, ...]


def reconcile_mentions_file(path: Path, *, export: Path | None = None) -> MentionsReconciled:
    """Group the mentions of a file into events.

    Parameters
    ----------
    export
        A file for the groups, JSON Lines of {id, members}; or a name ending in `.conll`, for the
        column format of the field's scorers, beside it `.key.conll` where the truth is known.

    Raises
    ------
    InputError
        The file cannot be read, a line is no mention, or the export cannot be written.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f'"{path}" cannot be read: {error}') from error
    mentions = read_mentions(lines, path.name)
    groups = reconcile_mentions(mentions)
    gold = gold_groups(mentions) if mentions else None
    scores: list[tuple[str, GroupingScore]] = []
    if gold is not None:
        scores = [
            ("same lemma", score_groups(gold, lemma_baseline(mentions))),
            (
                f"same lemma, documents alike by {BASELINE_DELTA:g}",
                score_groups(gold, lemma_baseline(mentions, BASELINE_DELTA)),
            ),
            ("reconciled", score_groups(gold, groups)),
        ]
    files: dict[Path, str] = {}
    if export is not None and export.suffix == ".conll":
        files[export] = to_conll(mentions, groups, path.stem)
        if gold is not None:
            files[export.with_suffix(".key.conll")] = to_conll(mentions, gold, path.stem)
    elif export is not None:
        rows = ({"id": f"g{i}", "members": sorted(group)} for i, group in enumerate(groups, 1))
        files[export] = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    for file, text in files.items():
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise InputError(f'"{file}" cannot be written: {error.strerror}') from error
    return MentionsReconciled(
        n_mentions=len(mentions),
        n_documents=len({m.document for m in mentions}),
        groups=tuple(tuple(sorted(group)) for group in groups),
        scores=tuple(scores),
        written=tuple(files),
    )
