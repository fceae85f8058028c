"""Nothing leaves without a named person's approval, and nothing leaves before its time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from lightkeeper.errors import NotAllowed
from lightkeeper.notices.model import CapStatus, Notice
from lightkeeper.units import require_utc


def approve(notice: Notice, *, by: str, at: datetime, is_exercise: bool) -> Notice:
    """Return the notice approved by a named person.

    Raises
    ------
    NotAllowed
        No name is given, the notice is approved already, or its status does not fit the network:
        on a synthetic network only an exercise may be published.
    """
    if not by.strip():
        raise NotAllowed("a notice is approved by a named person; give your name")
    if notice.approved_by is not None:
        raise NotAllowed(f"notice {notice.id} was already approved by {notice.approved_by}")
    if is_exercise and notice.status is not CapStatus.EXERCISE:
        raise NotAllowed(
            f'notice {notice.id} has status "{notice.status}", its network is synthetic; '
            'use status "Exercise"'
        )
    return replace(notice, approved_by=by.strip(), approved_at=require_utc(at))


def is_public(notice: Notice, now: datetime) -> bool:
    """Return True when the notice is approved, its hold has passed and it has not expired."""
    return (
        notice.approved_by is not None
        and notice.not_before <= require_utc(now)
        and require_utc(now) < notice.expires_at
    )
