"""Notices: drafts, approval, CAP 1.2, and what may be said to whom."""

from lightkeeper.notices.approve import approve, is_public
from lightkeeper.notices.audience import (
    AudienceOptions,
    may_read_reports,
    may_see_grid,
    project,
)
from lightkeeper.notices.cap import check_cap, to_cap
from lightkeeper.notices.catalogue import load_texts
from lightkeeper.notices.draft import (
    DraftOptions,
    draft_alarm,
    draft_outage,
    draft_schedule,
    fingerprint_schedule,
    round_people,
)
from lightkeeper.notices.local_time import list_off_times, say_instant
from lightkeeper.notices.model import Audience, CapStatus, Notice, NoticeClass, NoticeId, NoticeText
from lightkeeper.notices.picture import Picture

__all__ = [
    "Audience",
    "AudienceOptions",
    "CapStatus",
    "DraftOptions",
    "Notice",
    "NoticeClass",
    "NoticeId",
    "NoticeText",
    "Picture",
    "approve",
    "check_cap",
    "draft_alarm",
    "draft_outage",
    "draft_schedule",
    "fingerprint_schedule",
    "is_public",
    "list_off_times",
    "load_texts",
    "may_read_reports",
    "may_see_grid",
    "project",
    "round_people",
    "say_instant",
    "to_cap",
]
