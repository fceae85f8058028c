"""Hourly outage schedules under the public rules: order met, 6 h off at most, 2 h on between.

Three steps. A rotation takes queues in turn with blocks of one length, for every length; the best
start is kept. Where no rotation keeps the rules, `queue_flow` finds the fewest breaches there can
be. Then windows of two queues are exchanged, which leaves the count of every slot as it is, while
that lowers breaches, evens out the hours, or saves a switching.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from lightkeeper.errors import DataInvalid, Problem
from lightkeeper.plans.model import OutageSchedule
from lightkeeper.plans.queue_flow import assign_by_flow
from lightkeeper.region.model import QueueId, Region
from lightkeeper.units import BoolArray, FloatArray, IntArray

QUEUES: tuple[QueueId, ...] = tuple(
    QueueId(f"{queue}.{half}") for queue in range(1, 7) for half in (1, 2)
)
"""The 12 sub-queues of the public rules."""

# Coprime to 12, so that consecutive days start at sub-queues far apart and all come round.
_ROTATION_STEP = 5


class WhenShort(StrEnum):
    """What gives way when the need cannot be met within the rules.

    MEET_NEED: the order is met and outages are longer, or supply between them shorter, than the
    rules allow. KEEP_RULES: the rules hold and the order is missed; what is missing would have to
    be shed by emergency outages, outside any schedule.
    """

    MEET_NEED = "meet_need"
    KEEP_RULES = "keep_rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleOptions:
    """The public rules; `rotation` is the day of the week (0-6) or any running number of days."""

    slot_min: int = 30
    longest_off_h: float = 6.0
    shortest_on_h: float = 2.0
    rotation: int = 0
    when_short: WhenShort = WhenShort.MEET_NEED


def plan_schedule(
    region: Region,
    needed_mw: FloatArray,
    *,
    level: FloatArray | None = None,
    history_h: Mapping[QueueId, float] | None = None,
    before: BoolArray | None = None,
    options: ScheduleOptions,
) -> OutageSchedule:
    """Share a shortage among the region's queues, slot by slot.

    Parameters
    ----------
    needed_mw
        (n_slots,) power to be shed in each slot.
    level
        (n_slots,) demand of the slot over the feeders' `demand_mw`; 1 if not given.
    history_h
        Hours off so far; the totals are evened out, not the day alone.
    before
        (n_queues, any) slots just before the first, so that the rules hold over midnight.

    Returns
    -------
    OutageSchedule
        In MEET_NEED at least `needed_mw` is shed wherever the queues together suffice.
    """
    size_mw = np.array(
        [
            region.feeders.demand_mw[
                (region.feeders.queue == q) & ~region.feeders.is_critical
            ].sum()
            for q in QUEUES
        ]
    )
    if size_mw.sum() <= 0:
        raise DataInvalid(
            "outage schedule",
            [
                Problem(
                    "feeders",
                    "no feeder with demand is in a queue",
                    'fill the column "queue" with sub-queues "1.1" to "6.2"',
                )
            ],
        )
    by_slot = np.outer(size_mw, np.ones(len(needed_mw)) if level is None else level)
    return _schedule(by_slot, needed_mw, None, history_h, before, options)


def plan_from_order(
    order: Sequence[tuple[str, str, float]] | FloatArray,
    *,
    history_h: Mapping[QueueId, float] | None = None,
    before: BoolArray | None = None,
    options: ScheduleOptions,
) -> OutageSchedule:
    """Share out an order given as (from, to, number of queues) in steps of 0.5, or per slot.

    `needed_mw` and `shed_mw` of the answer are NaN: an order of queues says nothing of MW.

    >>> plan = plan_from_order([("08:00", "12:00", 1.0)], options=ScheduleOptions())
    >>> int(plan.is_off.sum()), plan.breaches
    (16, ())
    """
    queues = read_order(order, options.slot_min)
    count = np.rint(queues * 2).astype(np.int32)
    return _schedule(None, np.full(len(count), np.nan), count, history_h, before, options)


def read_order(order: Sequence[tuple[str, str, float]] | FloatArray, slot_min: int) -> FloatArray:
    """Queues per slot of one day; raise `DataInvalid` with every fault of the order."""
    problems: list[Problem] = []
    if isinstance(order, np.ndarray):
        queues = order.astype(np.float64)
    else:
        queues = np.zeros(24 * 60 // slot_min)
        for row, (start, end, number) in enumerate(order):
            first, last = _minutes(start), _minutes(end)
            if (
                first is None
                or last is None
                or first % slot_min
                or last % slot_min
                or first >= last
            ):
                problems.append(
                    Problem(
                        f"order row {row + 1}",
                        f"{start}-{end} is no stretch of whole {slot_min}-minute slots",
                        'write times as "07:00" and "24:00" for the end of the day',
                    )
                )
            else:
                queues[first // slot_min : last // slot_min] += number
    twice = queues * 2
    for slot in np.flatnonzero(
        ~np.isfinite(queues) | (queues < 0) | (queues > 6) | (np.rint(twice) != twice)
    ):
        where = f"order at {_clock(int(slot), slot_min)}"
        mend = "give 0 to 6 queues in steps of 0.5, and let stretches not overlap"
        problems += [Problem(where, f"{queues[slot]:g} queues", mend)]
    if problems:
        raise DataInvalid("outage order", problems)
    return queues


def write_schedule_csv(schedule: OutageSchedule) -> str:
    """One row per sub-queue, one column per slot named by its start, 1 where off."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    n_slots = schedule.is_off.shape[1]
    writer.writerow(["queue", *(_clock(s, schedule.slot_min) for s in range(n_slots))])
    for queue, row in zip(schedule.queues, schedule.is_off, strict=True):
        writer.writerow([queue, *row.astype(int)])
    return out.getvalue()


def _schedule(
    by_slot_mw: FloatArray | None,
    needed_mw: FloatArray,
    count: IntArray | None,
    history_h: Mapping[QueueId, float] | None,
    before: BoolArray | None,
    options: ScheduleOptions,
) -> OutageSchedule:
    n_queue, n_slot = len(QUEUES), len(needed_mw)
    slot_h = options.slot_min / 60
    rules = Rules(
        longest_off=round(options.longest_off_h / slot_h),
        shortest_on=round(options.shortest_on_h / slot_h),
        before=np.zeros((n_queue, 0), bool) if before is None else before.astype(bool),
        precedence=(np.arange(n_queue, dtype=np.int32) - options.rotation * _ROTATION_STEP)
        % n_queue,
        past=np.array([(history_h or {}).get(q, 0.0) for q in QUEUES]) / slot_h,
        keep=options.when_short is WhenShort.KEEP_RULES,
    )
    if by_slot_mw is None:
        assert count is not None
        is_off = assign(count, rules)
        shed_mw = np.full(n_slot, np.nan)
        short = _count_words(is_off, count, options)
    else:
        is_off = _cover_need(by_slot_mw, needed_mw, rules)
        shed_mw = (by_slot_mw * is_off).sum(axis=0)
        short = _short_words(needed_mw - shed_mw, options)
    return OutageSchedule(
        queues=QUEUES,
        slot_min=options.slot_min,
        is_off=is_off,
        needed_mw=needed_mw,
        shed_mw=shed_mw,
        hours_off=is_off.sum(axis=1) * slot_h,
        breaches=(*short, *_rule_words(is_off, rules, options)),
    )


def _rows(values: IntArray) -> IntArray:
    return values.astype(np.int32)


def _cover_need(by_slot_mw: FloatArray, needed_mw: FloatArray, rules: Rules) -> BoolArray:
    """Count queues by their mean size, assign, and add one wherever those chosen are too small.

    Only queues that carry load take part. Ends of blocks not needed are dropped last: a shorter
    outage breaks no rule.
    """
    taking_part = by_slot_mw.max(axis=1) > 0
    size = by_slot_mw[taking_part]
    some = rules.only(taking_part)
    n_queue = len(size)
    mean = size.mean(axis=0)
    fewest = np.ceil(needed_mw / np.where(mean > 0, mean, 1.0) - 1e-9)
    count = _rows(np.clip(np.where(needed_mw > 0, fewest, 0), 0, n_queue))
    while True:
        chosen = assign(count, some)
        short = (size * chosen).sum(axis=0) < needed_mw - 1e-9
        more = _rows(np.minimum(count + short, n_queue))
        if rules.keep or (more == count).all():
            break
        count = more
    is_off = np.zeros(by_slot_mw.shape, bool)
    is_off[taking_part] = _trim(chosen, size, needed_mw, some.past)
    return is_off


def _trim(
    is_off: BoolArray, size_mw: FloatArray, needed_mw: FloatArray, past: FloatArray
) -> BoolArray:
    """Drop first and last slots of blocks while the need stays covered, most hours first."""
    is_off = is_off.copy()
    while True:
        spare = (size_mw * is_off).sum(axis=0) - needed_mw
        on_before = np.pad(~is_off, ((0, 0), (1, 0)), constant_values=True)[:, :-1]
        on_after = np.pad(~is_off, ((0, 0), (0, 1)), constant_values=True)[:, 1:]
        may_go = is_off & (on_before | on_after) & (size_mw <= spare + 1e-9)
        if not may_go.any():
            return is_off
        queue, slot = np.nonzero(may_go)
        total = is_off.sum(axis=1) + past
        best = np.lexsort((slot, -size_mw[queue, slot], -total[queue]))[0]
        is_off[queue[best], slot[best]] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules in slots, and what the queues bring with them. Arrays: (n_queues,)."""

    longest_off: int
    shortest_on: int
    before: BoolArray  # (n_queues, any)
    precedence: IntArray
    past: FloatArray
    keep: bool

    def only(self, queues: BoolArray) -> Rules:
        """The same rules for some of the queues."""
        return replace(
            self,
            before=self.before[queues],
            precedence=self.precedence[queues],
            past=self.past[queues],
        )


def assign(count: IntArray, rules: Rules) -> BoolArray:
    """Which queues are off, (n_queues, n_slots), `count` of them in each slot.

    With `rules.keep` fewer than `count` where the rules leave no other way.
    """
    starts = [_rotate(count, rules, block) for block in range(1, rules.longest_off + 1)]
    starts = [s for s in starts if not (rules.keep and _row_breaches(s, rules).any())]
    best = min(starts, key=lambda s: _score(s, count, rules), default=None)
    if best is None or _faults(best, count, rules):
        by_flow = assign_by_flow(
            count,
            longest_off=rules.longest_off,
            shortest_on=rules.shortest_on,
            before=rules.before,
            precedence=rules.precedence,
            past=rules.past,
            keep_rules=rules.keep,
        )
        if best is None or _faults(by_flow, count, rules) < _faults(best, count, rules):
            best = by_flow
    return _even_out(best, rules)


def _rotate(count: IntArray, rules: Rules, block: int) -> BoolArray:
    """Queues in turn: a block ends after `block` slots when another queue can take over."""
    n_queue, n_slot = len(rules.precedence), len(count)
    is_off = np.zeros((n_queue, n_slot), bool)
    off_for, on_for = _runs_at_end(rules)
    total = rules.past.copy()
    for slot in range(n_slot):
        was_off = off_for > 0
        may_stay = was_off & (off_for < rules.longest_off)
        may_go = ~was_off & (on_for >= rules.shortest_on)
        # Fresh blocks go on, then rested queues start, then old blocks are drawn out; only then a
        # rule is broken. Inside each class the queue with the fewest hours comes first.
        rank = np.select(
            [may_stay & (off_for < block), may_go, may_stay, was_off], [0, 1, 2, 3], default=4
        )
        order = np.lexsort((rules.precedence, total, rank))
        chosen = order[: count[slot]]
        if rules.keep:
            chosen = chosen[rank[chosen] < 3]
        is_off[chosen, slot] = True
        now = is_off[:, slot]
        off_for = np.where(now, off_for + 1, 0)
        on_for = np.where(now, 0, on_for + 1)
        total = total + now
    return is_off


def _runs_at_end(rules: Rules) -> tuple[IntArray, IntArray]:
    """Slots each queue has been off, and on, when the schedule starts; long on if never off."""
    n_queue = len(rules.before)
    off_for, on_for = np.zeros(n_queue, np.int32), np.full(n_queue, rules.shortest_on)
    for slot in range(rules.before.shape[1]):
        now = rules.before[:, slot]
        off_for = np.where(now, off_for + 1, 0)
        on_for = np.where(now, 0, on_for + 1)
    return off_for, on_for


def _row_breaches(is_off: BoolArray, rules: Rules, queue: IntArray | None = None) -> IntArray:
    """Breaches of each row: slots beyond the longest outage, and supplies cut short."""
    before = rules.before if queue is None else rules.before[queue]
    row = np.concatenate([before, is_off], axis=1).astype(np.int8)
    n = row.shape[1]
    found = np.zeros(len(row), np.int32)
    if n > rules.longest_off:
        window = sliding_window_view(row, rules.longest_off + 1, axis=1)
        found += window.all(axis=2).sum(axis=1)
    for gap in range(1, rules.shortest_on):
        if n >= gap + 2:
            window = sliding_window_view(row, gap + 2, axis=1)
            cut = (window[:, :, 0] == 1) & (window[:, :, -1] == 1) & ~window[:, :, 1:-1].any(axis=2)
            found += cut.sum(axis=1)
    return found


def _n_blocks(is_off: BoolArray) -> IntArray:
    starts = np.diff(is_off.astype(np.int8), axis=1, prepend=0) == 1
    return _rows(starts.sum(axis=1))


def _faults(is_off: BoolArray, count: IntArray, rules: Rules) -> int:
    return int(_row_breaches(is_off, rules).sum() + np.abs(is_off.sum(axis=0) - count).sum())


def _score(is_off: BoolArray, count: IntArray, rules: Rules) -> tuple[int, float, int]:
    total = is_off.sum(axis=1) + rules.past
    return (
        _faults(is_off, count, rules),
        float(np.square(total).sum()),
        int(_n_blocks(is_off).sum()),
    )


def _even_out(is_off: BoolArray, rules: Rules) -> BoolArray:
    """Exchange windows of two queues while breaches, then uneven hours, then blocks decrease."""
    is_off = is_off.copy()
    improved = True
    while improved:
        improved = False
        total = is_off.sum(axis=1) + rules.past
        order = np.argsort(-total, kind="stable")
        for i in order:
            for j in order[::-1]:
                if i < j and _exchange(is_off, int(i), int(j), rules):
                    improved = True
    return is_off


def _exchange(is_off: BoolArray, i: int, j: int, rules: Rules) -> bool:
    """Make the best exchange of one window between two queues, if any makes things better."""
    differs = np.flatnonzero(is_off[i] != is_off[j])
    if not len(differs):
        return False
    # Windows that start and end where the two differ; others change nothing more.
    first, last = np.triu_indices(len(differs))
    slot = np.arange(is_off.shape[1])
    moved = (slot >= differs[first, None]) & (slot <= differs[last, None])
    moved &= is_off[i] != is_off[j]
    row_i, row_j = is_off[i] ^ moved, is_off[j] ^ moved
    both = np.concatenate([row_i, row_j])
    queue = np.repeat(np.array([i, j], np.int32), len(moved))
    breaches = _row_breaches(both, rules, queue).reshape(2, -1).sum(axis=0)
    total = both.sum(axis=1).reshape(2, -1) + rules.past[[i, j], None]
    blocks = _n_blocks(both).reshape(2, -1).sum(axis=0)
    uneven = np.abs(total[0] - total[1])
    best = np.lexsort((blocks, uneven, breaches))[0]
    now = (
        int(_row_breaches(is_off[[i, j]], rules, np.array([i, j], np.int32)).sum()),
        float(abs((is_off[i].sum() + rules.past[i]) - (is_off[j].sum() + rules.past[j]))),
        int(_n_blocks(is_off[[i, j]]).sum()),
    )
    if (int(breaches[best]), float(uneven[best]), int(blocks[best])) >= now:
        return False
    is_off[i], is_off[j] = row_i[best], row_j[best]
    return True


def _count_words(is_off: BoolArray, count: IntArray, options: ScheduleOptions) -> list[str]:
    found = is_off.sum(axis=0)
    return [
        f"{_clock(int(slot), options.slot_min)}: {found[slot]} sub-queues off, "
        f"{count[slot]} ordered; emergency outages would have to cover the rest"
        for slot in np.flatnonzero(found != count)
    ]


def _short_words(short_mw: FloatArray, options: ScheduleOptions) -> list[str]:
    return [
        f"{_clock(int(slot), options.slot_min)}: the queues switched off are "
        f"{short_mw[slot]:.1f} MW short of the need; emergency outages would have to cover it"
        for slot in np.flatnonzero(short_mw > 1e-6)
    ]


def _rule_words(is_off: BoolArray, rules: Rules, options: ScheduleOptions) -> list[str]:
    words: list[str] = []
    slot_h = options.slot_min / 60
    n_before = rules.before.shape[1]
    for queue, row in zip(QUEUES, np.concatenate([rules.before, is_off], axis=1), strict=True):
        edge = np.flatnonzero(np.diff(row.astype(np.int8))) + 1
        start = [0, *edge.tolist()]
        end = [*edge.tolist(), len(row)]
        for k, (a, b) in enumerate(zip(start, end, strict=True)):
            if b <= n_before:
                continue
            hours, clock = (b - a) * slot_h, _clock(a - n_before, options.slot_min)
            if row[a] and b - a > rules.longest_off:
                words.append(
                    f"{queue}: off {hours:g} h from {clock}, more than {options.longest_off_h:g} h"
                )
            elif not row[a] and 0 < k < len(start) - 1 and b - a < rules.shortest_on:
                words.append(
                    f"{queue}: on only {hours:g} h from {clock}, "
                    f"less than {options.shortest_on_h:g} h"
                )
    return words


def _minutes(clock: str) -> int | None:
    """Minutes after midnight of "07:30"; "24:00" and "23:59" are the end of the day."""
    hour, _, minute = clock.partition(":")
    if not (hour.isdigit() and minute.isdigit() and len(minute) == 2 and int(minute) < 60):
        return None
    total = 60 * int(hour) + int(minute)
    if total in (1439, 1440):
        return 1440
    return total if total < 1440 else None


def _clock(slot: int, slot_min: int) -> str:
    """Start of a slot; slots of later days carry the day's number, those before midnight too."""
    day, minute = divmod(slot * slot_min, 1440)
    text = f"{minute // 60:02d}:{minute % 60:02d}"
    return (
        text if day == 0 else f"{text} (day {day + 1:+d})" if day < 0 else f"{text} (day {day + 1})"
    )
