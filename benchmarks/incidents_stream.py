"""How long one more report takes to reconcile, from the first to the hundred thousandth.

A synthetic winter of posts is taken in one by one, a tenth of them up to twelve hours late, with
the claims that a perfect reader would find (reading takes its own time; see --read). The table has
processor time: each row a tenth of the stream. At the end the state is compared with that of doing
a part of the stream at once, and one report is withdrawn and put back.

    python benchmarks/incidents_stream.py --nights 120 --strikes 102
"""

from __future__ import annotations

import argparse
import gc
import resource
import time
from datetime import UTC, datetime
from random import Random

from lightkeeper.claims import extract
from lightkeeper.incidents import reconcile
from lightkeeper.incidents.stream import open_stream, receive, snapshot, withdraw
from lightkeeper.incidents.synth import SynthOptions, generate
from lightkeeper.region import load_gazetteer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--nights", type=int, default=120)
    parser.add_argument("--strikes", type=float, default=102.0, help="a night, on average")
    parser.add_argument("--difficulty", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--read", type=int, default=200, help="texts to time reading on")
    args = parser.parse_args()
    gazetteer = load_gazetteer()
    options = SynthOptions(
        start=datetime(2025, 11, 15, 16, tzinfo=UTC),
        n_nights=args.nights,
        strikes_per_night=args.strikes,
        difficulty_pu=args.difficulty,
        seed=args.seed,
    )
    rng = Random(args.seed)
    posts = [(p.report, p.claims) for p in generate(gazetteer, options).posts]
    arrival = {
        r.id: r.published_at.timestamp() + (rng.uniform(0, 43_200) if rng.random() < 0.1 else 0.0)
        for r, _ in posts
        if r.published_at is not None
    }
    posts.sort(key=lambda post: (arrival[post[0].id], post[0].id))
    before_mb = peak_mb()
    stream = open_stream(gazetteer)
    times_ms: list[float] = []
    total_s = 0.0
    print(f"{len(posts):,} reports, {args.nights} nights, a tenth up to 12 h late")
    print(f"{'reports':>9} {'mean ms':>8} {'95 % ms':>8} {'most ms':>8} {'total s':>8} {'MB':>6}")
    step = max(1, len(posts) // 10)
    for i, post in enumerate(posts, start=1):
        started = time.process_time()
        receive(stream, [post])
        took_s = time.process_time() - started
        total_s += took_s
        times_ms.append(1000.0 * took_s)
        if i % 1_000 == 0:
            gc.freeze()  # as the server does: what is held for good is not searched for garbage
        if i % step == 0:
            ranked = sorted(times_ms)
            print(
                f"{i:>9,} {sum(ranked) / len(ranked):>8.2f} {ranked[int(0.95 * len(ranked))]:>8.2f}"
                f" {ranked[-1]:>8.1f} {total_s:>8.1f} {peak_mb() - before_mb:>6.0f}",
                flush=True,
            )
            times_ms.clear()
    started = time.process_time()
    found = snapshot(stream)
    print(f"the whole picture: {1000 * (time.process_time() - started):.1f} ms, ", end="")
    print(f"{len(found.incidents):,} incidents")
    started = time.process_time()
    withdraw(stream, [posts[len(posts) // 2][0].id])
    receive(stream, [posts[len(posts) // 2]])
    print(f"one report withdrawn and put back: {1000 * (time.process_time() - started):.1f} ms, ")
    print("the same picture again" if snapshot(stream) == found else "ANOTHER PICTURE")
    part = posts[: min(len(posts), 5_000)]
    one_by_one = open_stream(gazetteer)
    for post in part:
        receive(one_by_one, [post])
    at_once = reconcile([c for _, cs in part for c in cs], [r for r, _ in part], gazetteer)
    same = snapshot(one_by_one) == at_once
    print(f"the first {len(part):,} at once: {'the same' if same else 'ANOTHER PICTURE'}")
    if args.read:
        sample = rng.sample(posts, min(args.read, len(posts)))
        started = time.process_time()
        for report, _ in sample:
            extract(report, gazetteer)
        print(f"reading a text: {1000 * (time.process_time() - started) / len(sample):.1f} ms each")


def peak_mb() -> float:
    """Most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


if __name__ == "__main__":
    main()
