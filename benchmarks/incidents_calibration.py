"""Is a match score a probability? Reliability of pairs on sets that people annotated.

For each pair of posts of a set that the reconciler compares, its probability
that both are of one event stands against whether the annotators put both into one incident. Prints
how often that is so for each range of probability, the Brier score, and the slope and intercept
that logistic regression would put on the log-odds (1 and 0: nothing to mend).

    python benchmarks/incidents_calibration.py ../shared/eval/posts/dev.jsonl \
        --gold ../shared/eval/posts/dev_incidents.yaml
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from lightkeeper.claims import extract
from lightkeeper.incidents import ReconcileOptions
from lightkeeper.incidents.blocks import candidates
from lightkeeper.incidents.match import compare, probability
from lightkeeper.incidents.stream import open_stream, receive
from lightkeeper.operations.evaluate_incidents import read_gold, read_posts
from lightkeeper.region import load_gazetteer

EDGES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)

Pair = tuple[float, bool]
"""Log-odds, and whether both are of one event."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--gold", type=Path, action="append", required=True)
    args = parser.parse_args()
    pairs = [p for s, g in zip(args.sets, args.gold, strict=True) for p in labelled_pairs(s, g)]
    scored = [p for p in pairs if p[0] > -math.inf]
    print(f"{len(pairs)} pairs compared, {sum(same for _, same in pairs)} of one event")
    print("| said | pairs | mean said | of one event | 95 % interval |")
    print("|---|---|---|---|---|")
    for low, high in pairwise(EDGES):
        held = [(probability(x), same) for x, same in scored if low <= probability(x) < high]
        if held:
            print(row(f"{low:g} to {high:g}", held))
    never = [same for x, same in pairs if x == -math.inf]
    print(f"| ruled out | {len(never)} | 0 | {sum(never) / max(len(never), 1):.2f} | |")
    sure = [(probability(x), same) for x, same in scored if probability(x) >= 0.9]
    if sure:
        print(row("0.9 and more", sure))
    brier = sum((probability(x) - same) ** 2 for x, same in scored) / len(scored)
    slope, intercept = fit(scored)
    print(f"Brier score {brier:.3f}; slope {slope:.2f}, intercept {intercept:+.2f}")


def labelled_pairs(posts_path: Path, gold_path: Path) -> list[Pair]:
    """Log-odds of the pairs of accounts that are compared, with their labels."""
    gazetteer = load_gazetteer()
    posts = read_posts(posts_path)
    channels = {p.report.channel: p.kind for p in posts if p.report.channel and p.kind}
    stream = open_stream(gazetteer, ReconcileOptions(channels=channels))
    name_of = {p.report.id: p.id for p in posts}
    receive(stream, ((p.report, extract(p.report, gazetteer)) for p in posts))
    event_of: dict[str, str] = {}
    held = read_gold(gold_path)["incidents"]
    for incident in held if isinstance(held, list) else []:
        for post in (*incident["posts"], *incident.get("also", ())):
            event_of.setdefault(post, incident["id"])
    pairs: list[Pair] = []
    for account in stream.accounts.values():
        for other_id in candidates(stream.blocks, account, stream.tree, stream.options):
            other = stream.accounts[other_id]
            a, b = name_of[account.report.id], name_of[other.report.id]
            if account.id >= other.id or a == b:
                continue
            match = compare(account, other, stream.tree, stream.options)
            same = a in event_of and event_of[a] == event_of.get(b)
            pairs.append((-math.inf if match is None else match.log_odds, same))
    return pairs


def row(name: str, held: Sequence[tuple[float, bool]]) -> str:
    """One line of the table, with Wilson's interval."""
    n, right = len(held), sum(same for _, same in held)
    mean, share, z = sum(p for p, _ in held) / n, right / n, 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return (
        f"| {name} | {n} | {mean:.2f} | {share:.2f} | {middle - half:.2f} to {middle + half:.2f} |"
    )


def fit(pairs: Sequence[Pair]) -> tuple[float, float]:
    """Slope and intercept of logistic regression on the log-odds, drawn to 1 and 0 by a weak prior.

    Without the prior, sets that are told apart without an error have no finite slope.
    """
    x = np.array([p[0] for p in pairs])
    y = np.array([float(p[1]) for p in pairs])
    beta = np.array([1.0, 0.0])
    for _ in range(100):
        p = 1.0 / (1.0 + np.exp(-np.clip(beta[0] * x + beta[1], -30, 30)))
        design = np.stack([x, np.ones_like(x)], axis=1)
        slope = design.T @ (y - p) - (beta - np.array([1.0, 0.0]))
        curve = design.T @ (design * (p * (1 - p))[:, None]) + np.eye(2)
        beta = beta + np.linalg.solve(curve, slope)
    return float(beta[0]), float(beta[1])


if __name__ == "__main__":
    main()
