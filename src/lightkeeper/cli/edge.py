"""What the commands share: the console, progress, the open workspace, JSON."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from lightkeeper.errors import InputError, LightkeeperError

if TYPE_CHECKING:
    from lightkeeper.notices.picture import Picture
    from lightkeeper.operations import PictureService, Workspace
    from lightkeeper.settings import Settings

EXIT_INTERRUPTED = 130

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)


class AudienceName(StrEnum):
    """The audiences by name, known before the stage that defines them is loaded."""

    PUBLIC = "public"
    OFFICIAL = "official"
    OPERATOR = "operator"


def complain(error: LightkeeperError) -> None:
    """Print an error; its text is data, never markup."""
    err.print("[red]error:[/] ", end="")
    err.print(str(error), markup=False)


def settings() -> Settings:
    """Read the settings; what is wrong in them becomes an input error."""
    from lightkeeper.settings import read_settings

    return read_settings()


def choose_port(port: int | None) -> int:
    """Return the port asked for, or the setting's."""
    return settings().port if port is None else port


@contextmanager
def opened(region: Path | None, **options: float | str | Path | None) -> Iterator[Workspace]:
    """Open the workspace of the settings and close its store at the end; None keeps a setting."""
    from lightkeeper import operations

    update: dict[str, object] = {k: v for k, v in options.items() if v is not None}
    if region is not None:
        update["region"] = region
    workspace = operations.open_workspace(settings().model_copy(update=update))
    with workspace.store:
        yield workspace


@contextmanager
def serving(region: Path | None, **options: float) -> Iterator[PictureService]:
    """Open the workspace as a service that computes pictures, with a progress bar."""
    from lightkeeper import operations

    with opened(region, **options) as workspace, progress_bar() as progress:
        yield operations.PictureService(workspace, progress=progress)


def make_picture(
    paths: list[Path], region: Path | None, at: str | None, audience: AudienceName, **options: float
) -> Picture:
    """Return the picture of the log, or of the files named."""
    from lightkeeper import operations
    from lightkeeper.notices.model import Audience

    if paths:
        if at is not None:
            raise InputError("--at is for the log; files named have no past")
        with progress_bar() as progress:
            return operations.picture_of_files(
                paths, region, Audience(audience), settings=settings(), progress=progress
            )
    with serving(region, **options) as service:
        return service.picture(Audience(audience), at=None if at is None else parse_instant(at))


def parse_instant(text: str) -> datetime:
    """Return the instant of an ISO 8601 text with an offset."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f'"{text}" is no time; write it like 2026-01-10T04:10Z') from error
    if instant.tzinfo is None:
        full = f"{instant:%Y-%m-%dT%H:%M}"
        raise InputError(f'"{text}" has no offset; write it like {full}Z or {full}+02:00')
    return instant


@contextmanager
def progress_bar() -> Iterator[Callable[[str, float], None]]:
    """Show progress on stderr; silent where that is no terminal."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description:<40}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    ) as bar:
        task = bar.add_task("", total=1.0)

        def tell(what: str, done_pu: float) -> None:
            bar.update(task, description=what, completed=done_pu)

        yield tell


@contextmanager
def stop_on_interrupt() -> Iterator[Callable[[], bool]]:
    """Take the first interrupt as a wish to stop at the next good place; the second is one."""
    stopped = False

    def stop(_number: int, _frame: object) -> None:
        nonlocal stopped
        if stopped:
            raise KeyboardInterrupt
        stopped = True
        err.print("stopping at the next good place; interrupt again to stop at once")

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield lambda: stopped
    finally:
        signal.signal(signal.SIGINT, before)


def print_json(value: object) -> None:
    """Print plain dataclasses as JSON; a picture as the API gives it."""
    from pydantic_core import to_json

    sys.stdout.write(to_json(value, indent=2, inf_nan_mode="null").decode() + "\n")
