"""Versions of posts, in any order of coming."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from lightkeeper.reports import MediaType, Posts, Report, make_report

T0 = datetime(2026, 1, 10, 4, 0, tzinfo=UTC)


def version(item: int, edited_min: int) -> Report:
    return make_report(
        "channel",
        f"post {item} as of minute {edited_min}",
        item=str(item),
        published_at=T0,
        edited_at=T0 + timedelta(minutes=edited_min) if edited_min else None,
        media_type=MediaType.TELEGRAM,
        detect_language=lambda _: "en",
    )


versions = st.lists(st.builds(version, st.integers(1, 4), st.integers(0, 9)), max_size=20)


@settings(derandomize=True, database=None, deadline=None)
@given(versions, st.randoms(use_true_random=False), st.sets(st.integers(1, 4)))
def test_the_last_edit_stands_whatever_the_order(
    came: list[Report], random: Random, deleted: set[int]
) -> None:
    newest: dict[str, Report] = {}
    for report in came:
        item = report.item or ""
        known = newest.get(item)
        if known is None or (report.edited_at or T0) > (known.edited_at or T0):
            newest[item] = report
    random.shuffle(came)
    posts = Posts()
    for report in came:
        posts.receive(report)
    for report in came:
        if int(report.item or 0) in deleted:
            posts.take_away(report.id, T0)
    shown = {item: r for item, r in newest.items() if int(item) not in deleted}
    assert posts.of_source("channel") == shown
    replaced, gone = posts.replaced_by(), posts.deleted_at()
    for report in came:
        stands = newest[report.item or ""]
        assert (report.id in gone) == (int(report.item or 0) in deleted)
        assert replaced.get(report.id, report.id) == stands.id
