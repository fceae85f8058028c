"""How well events are told apart as reports get harder: pairs, B-cubed, counts, look-alikes.

Streams with known truth are generated at several difficulties and reconciled from the claims of a
perfect reader and from what is read of the texts. Writes a table, and a drawing with --svg.

    python benchmarks/incidents_curve.py --seeds 5 --svg docs/method/incidents-curve.svg
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lightkeeper.claims import Claim, extract
from lightkeeper.incidents import Incident, Reconciliation, reconcile
from lightkeeper.incidents.neutral import home_of
from lightkeeper.incidents.score import score_groups
from lightkeeper.incidents.synth import SynthOptions, SynthPost, SynthStream, generate
from lightkeeper.region import Gazetteer, load_gazetteer

DIFFICULTIES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)


@dataclass
class Tally:
    """Sums over the streams of one difficulty."""

    n: int = 0
    pair_p: float = 0.0
    pair_r: float = 0.0
    b3: float = 0.0
    same_together: int = 0
    same: int = 0
    apart: int = 0
    alike: int = 0
    count_error: float = 0.0
    counted: int = 0
    events_error: float = 0.0

    def add(self, stream: SynthStream, found: Reconciliation) -> None:
        home = home_of(found)
        groups: dict[str, list[str]] = {}
        for report, incident in home.items():
            groups.setdefault(incident, []).append(report)
        true: dict[str, list[str]] = {}
        for post in stream.posts:
            true.setdefault(post.event or post.report.id, []).append(post.report.id)
        score = score_groups(true.values(), groups.values())
        self.n += 1
        self.pair_p += score.pairs.precision
        self.pair_r += score.pairs.recall
        self.b3 += score.b_cubed.f1
        self.events_error += abs(score.n_said - score.n_true) / score.n_true
        by_event: dict[str, list[SynthPost]] = {}
        for post in stream.posts:
            if post.event is not None:
                by_event.setdefault(post.event, []).append(post)
        for posts in by_event.values():
            for i, a in enumerate(posts):
                for b in posts[i + 1 :]:
                    self.same += 1
                    self.same_together += _together(home.get(a.report.id), home.get(b.report.id))
        for first, second in stream.look_alikes:
            for a in by_event.get(first, []):
                for b in by_event.get(second, []):
                    self.alike += 1
                    self.apart += not _together(home.get(a.report.id), home.get(b.report.id))
        self._count(stream, found)

    def _count(self, stream: SynthStream, found: Reconciliation) -> None:
        """Relative error of the number of explosions of each incident that gives one."""
        event_of = {p.report.id: p.event for p in stream.posts}
        for incident in found.incidents:
            events = [e for r in incident.reports if (e := event_of[r]) in stream.explosions]
            said = _explosions(incident)
            if events and said is not None:
                truth = stream.explosions[str(max(set(events), key=events.count))]
                self.count_error += abs(said - truth) / truth
                self.counted += 1


def _together(a: str | None, b: str | None) -> bool:
    return a is not None and a == b


def _explosions(incident: Incident) -> int | None:
    counts = [f.count for f in incident.facts if f.name == "explosions" and f.count is not None]
    return next((c.best for c in counts if c.best is not None), None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--nights", type=int, default=6)
    parser.add_argument("--svg", type=Path)
    args = parser.parse_args()
    gazetteer = load_gazetteer()
    print("| difficulty | reports | claims | pairwise F1 | B³ F1 | same event merged |", end="")
    print(" look-alikes apart | error of explosions | error of number of events |")
    print("|---|---|---|---|---|---|---|---|---|")
    curves: dict[str, list[tuple[float, float]]] = {}
    for difficulty in DIFFICULTIES:
        streams = [
            generate(
                gazetteer,
                SynthOptions(
                    start=datetime(2026, 1, 5, 16, tzinfo=UTC),
                    n_nights=args.nights,
                    difficulty_pu=difficulty,
                    seed=100 + seed,
                ),
            )
            for seed in range(args.seeds)
        ]
        for kind in ("given", "read"):
            tally = Tally()
            for stream in streams:
                reports = [p.report for p in stream.posts]
                claims = _claims(stream.posts, gazetteer, is_read=kind == "read")
                tally.add(stream, reconcile(claims, reports, gazetteer))
            precision, recall = tally.pair_p / tally.n, tally.pair_r / tally.n
            f1 = 2 * precision * recall / (precision + recall)
            merged, apart = tally.same_together / tally.same, tally.apart / max(tally.alike, 1)
            print(
                f"| {difficulty:.1f} | {sum(len(s.posts) for s in streams):,} | {kind} | {f1:.3f} |"
                f" {tally.b3 / tally.n:.3f} | {100 * merged:.1f} % | {100 * apart:.1f} % |"
                f" {100 * tally.count_error / max(tally.counted, 1):.1f} % |"
                f" {100 * tally.events_error / tally.n:.1f} % |",
                flush=True,
            )
            curves.setdefault(f"pairwise F1, claims {kind}", []).append((difficulty, f1))
            curves.setdefault(f"look-alikes apart, claims {kind}", []).append((difficulty, apart))
    if args.svg:
        args.svg.write_text(draw(curves), encoding="utf-8")


def _claims(posts: Sequence[SynthPost], gazetteer: Gazetteer, *, is_read: bool) -> list[Claim]:
    return [c for p in posts for c in (extract(p.report, gazetteer) if is_read else p.claims)]


def draw(curves: dict[str, list[tuple[float, float]]]) -> str:
    """Draw curves over difficulty, both axes from 0 to 1, the upper half of the second one."""
    width, height, left, top = 640, 300, 50, 15
    dashes = ("", "6 3", "2 3", "8 3 2 3")

    def x(value: float) -> float:
        return left + value * 400

    def y(value: float) -> float:
        return top + (1.0 - value) / 0.5 * 240

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="11" role="img">',
        "<title>Agreement with the truth over difficulty</title>",
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    parts += [
        f'<line x1="{left}" x2="{x(1)}" y1="{y(tick):.0f}" y2="{y(tick):.0f}" stroke="#ccc"/>'
        f'<text x="{left - 6}" y="{y(tick) + 4:.0f}" text-anchor="end">{tick:g}</text>'
        for tick in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
    ]
    parts += [
        f'<text x="{x(tick):.0f}" y="{y(0.5) + 16:.0f}" text-anchor="middle">{tick:g}</text>'
        for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    ]
    parts.append(f'<text x="{x(0.5)}" y="{y(0.5) + 32:.0f}" text-anchor="middle">difficulty</text>')
    for i, (name, points) in enumerate(curves.items()):
        line = " ".join(f"{x(a):.1f},{y(max(b, 0.5)):.1f}" for a, b in points)
        style = f'stroke="black" stroke-width="1.5" fill="none" stroke-dasharray="{dashes[i % 4]}"'
        parts.append(f'<polyline points="{line}" {style}/>')
        at = top + 20 * i + 10
        parts.append(f'<line x1="465" x2="495" y1="{at}" y2="{at}" {style}/>')
        parts.append(f'<text x="500" y="{at + 4}">{name.replace(", claims", "")}</text>')
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    main()
