"""`lightkeeper review`: what a person should look at first, why, and the acts that settle it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from lightkeeper.cli.briefing import LanguageName
from lightkeeper.cli.edge import opened, out, print_json, settings
from lightkeeper.errors import InputError

if TYPE_CHECKING:
    from lightkeeper.incidents.review import ReviewItem


class ActName(StrEnum):
    """The acts by name, known before the stage that defines them is loaded."""

    CONFIRM = "confirm"
    MERGE = "merge"
    SPLIT = "split"
    RETRACT_REPORT = "retract-report"
    RETRACT_CLAIM = "retract-claim"
    REOPEN = "reopen"


def review(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Report files to read instead of the log; nothing is stored."),
    ] = None,
    act: Annotated[ActName | None, typer.Option("--do", help="Settle an item by this act.")] = None,
    item: Annotated[str | None, typer.Option(help="Id of the item to settle.")] = None,
    on: Annotated[
        str | None, typer.Option(help="Report or claim to take back, where there are several.")
    ] = None,
    note: Annotated[str, typer.Option(help="Why; it stands in the log.")] = "",
    by: Annotated[str, typer.Option("--by", help="Your name; it stands in the log.")] = "cli",
    language: Annotated[
        LanguageName, typer.Option(help="Language of the reasons.")
    ] = LanguageName.EN,
    top: Annotated[int, typer.Option(min=1, help="So many items are shown.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """List which claims and merges to look at first, and why; settle one with --do.

    What is settled no longer comes up, and can be undone: it is in the log.
    """
    from lightkeeper import operations
    from lightkeeper.incidents.review import ReviewActKind
    from lightkeeper.notices.model import Audience

    if (act is None) != (item is None):
        raise InputError("--do and --item go together: which act, on which item?")
    if paths:
        if act is not None:
            raise InputError("what is done is kept in the log; files named have none")
        items = operations.review_of_files(paths, settings=settings())
    else:
        with opened(None) as workspace:
            desk = operations.ReviewDesk(workspace)
            if act is ActName.REOPEN and item is not None:
                desk.reopen(item, note=note, actor=by)
            elif act is not None and item is not None:
                kind = ReviewActKind(act.value.replace("-", "_"))
                desk.act(item, kind, note=note, actor=by, on=on)
            items = desk.items(Audience.OPERATOR)
    if as_json:
        print_json(items[:top])
        return
    for found in items[:top]:
        _show(found, language.value)
    if len(items) > top:
        out.print(f"and {len(items) - top} more; --top shows them")
    if not items:
        out.print("nothing to look at")


def _show(item: ReviewItem, language: str) -> None:
    out.print(f"[bold]{item.score:.2f}[/]  {escape(item.reason[language])}")
    out.print(f"      {escape(item.title[language])}  [dim]{item.id}[/]")
    acts = ", ".join(
        escape(" ".join([a.kind.value.replace("_", "-"), *([a.claim] if a.claim else a.reports)]))
        for a in item.acts
    )
    out.print(f"      [dim]{acts}[/]\n")
