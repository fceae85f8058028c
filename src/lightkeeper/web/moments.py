"""Instants, audiences and parts of the picture as the routes take them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime

from lightkeeper.notices.model import Audience
from lightkeeper.notices.picture import PicturePart


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the moment lies outside the calendar") from error


UtcMoment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
AudienceQuery = Annotated[Audience, Query(description="Whose view to show.")]
AtQuery = Annotated[
    UtcMoment | None, Query(description="Past moment, with offset: 2026-01-10T04:10Z. None: now.")
]
WithoutQuery = Annotated[
    tuple[PicturePart, ...],
    Query(description="Parts to leave out, which have a route of their own. May be repeated."),
]
