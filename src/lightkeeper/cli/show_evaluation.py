"""The table of an evaluation as text for a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lightkeeper.claims.evaluate import Tally
from lightkeeper.incidents.score import GroupingScore
from lightkeeper.operations.evaluate import ClaimsEvaluation
from lightkeeper.operations.evaluate_incidents import IncidentsEvaluation

MAX_ERROR_CHARS = 160


def show_evaluation(console: Console, done: ClaimsEvaluation, n_errors: int) -> None:
    """Print recall and precision by kind, then the first `n_errors` errors of each sort."""
    result = done.evaluation
    console.print(f"{done.n_reports} report(s), {done.n_claims} claim(s) read")
    if result.tallies:
        table = Table("kind", "must be found", "recall", "read", "precision", "errors")
        for kind, tally in sorted(result.tallies.items()):
            sorts = sorted(result.mistaken.get(kind, {}).items(), key=lambda s: -s[1])
            table.add_row(*_row(kind, tally), ", ".join(f"{n} {sort}" for sort, n in sorts))
        if len(result.tallies) > 1:
            table.add_section()
            table.add_row(*_row("all", result.total), "")
        console.print(table)
        if result.fields:
            table = Table("field of what was found", "compared", "right")
            for name, tally in sorted(result.fields.items()):
                table.add_row(name, str(tally.n_read), _share(tally.precision))
            table.add_section()
            table.add_row("mean of the fields", "", _share(result.field_accuracy))
            console.print(table)
    else:
        console.print("no gold to compare with")
    by_sort: dict[str, list[str]] = {}
    for sort, item, words in result.errors:
        by_sort.setdefault(sort, []).append(f"{item} {words}")
    for sort, lines in sorted(by_sort.items()):
        console.print(f"{sort}: {len(lines)}")
        for line in lines[:n_errors]:
            console.print(f"  {escape(line[:MAX_ERROR_CHARS])}")
    if done.exported is not None:
        console.print(f"written: {done.exported}")


def _row(kind: str, tally: Tally) -> tuple[str, str, str, str, str]:
    return (
        kind,
        str(tally.n_gold),
        _share(tally.recall),
        str(tally.n_read),
        _share(tally.precision),
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def show_incidents_evaluation(console: Console, done: IncidentsEvaluation) -> None:
    """Print how well events are told apart, and what was wrong."""
    console.print(f"{done.n_reports} report(s), {done.n_found} incident(s) found")
    if done.score is None:
        console.print("no gold to compare with")
    else:
        show_grouping(console, done.score)
        console.print(
            f"number of independent sources right: {done.n_sources_right} of {done.n_incidents}"
        )
        for line in done.wrong_sources:
            console.print(f"  {escape(line)}")
        n_apart = done.n_must_stay_apart - len(done.merged_wrongly)
        console.print(f"kept apart that must be: {n_apart} of {done.n_must_stay_apart}")
        for line in done.merged_wrongly:
            console.print(f"  {escape(line)}")
    if done.exported is not None:
        console.print(f"written: {done.exported}")


def show_grouping(console: Console, score: GroupingScore) -> None:
    """Print the measures of one grouping against another."""
    table = Table("measure", "precision", "recall", "F1")
    measures = (
        ("pairs", score.pairs),
        ("B\N{SUPERSCRIPT THREE}", score.b_cubed),
        ("MUC", score.muc),
        ("CEAFe", score.ceaf_e),
    )
    for name, agreement in measures:
        table.add_row(
            name, f"{agreement.precision:.3f}", f"{agreement.recall:.3f}", f"{agreement.f1:.3f}"
        )
    table.add_section()
    table.add_row("CoNLL", "", "", f"{score.conll_f1:.3f}")
    console.print(table)
    console.print(f"{score.n_true} group(s) in the gold, {score.n_said} found")
