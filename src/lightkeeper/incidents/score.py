"""How well one grouping of things agrees with another: pairs, B³, MUC, CEAF and their mean.

Groups are sets of names; a thing that is in no group of one side stands alone there. The mean of
MUC, B³ and CEAF over entities is the CoNLL F1 of the field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

Groups = Sequence[frozenset[str]]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Share of what was said that is right, and of what is true that was said."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupingScore:
    """A predicted grouping against the true one, over the things of the true one."""

    n_things: int
    pairs: Agreement
    b_cubed: Agreement
    muc: Agreement
    ceaf_e: Agreement
    n_true: int
    n_said: int

    @property
    def conll_f1(self) -> float:
        """Mean of the F1 of MUC, B³ and CEAF over entities."""
        return (self.muc.f1 + self.b_cubed.f1 + self.ceaf_e.f1) / 3.0


def score_groups(true: Iterable[Iterable[str]], said: Iterable[Iterable[str]]) -> GroupingScore:
    """Compare two groupings of the same things.

    A name that only the predicted side has is left aside; one that it lacks stands alone in it. No
    name may be in two groups of one side.

    Raises
    ------
    ValueError
        A name is in two groups of one side.
    """
    key = [g for group in true if (g := frozenset(group))]
    things = _names(key, "true")
    response = [g for group in said if (g := frozenset(group) & things)]
    known = _names(response, "predicted")
    response += [frozenset({name}) for name in sorted(things - known)]
    return GroupingScore(
        n_things=len(things),
        pairs=_pairs(key, response),
        b_cubed=_b_cubed(key, response, len(things)),
        muc=Agreement(_muc(response, key), _muc(key, response)),
        ceaf_e=_ceaf_e(key, response),
        n_true=len(key),
        n_said=len(response),
    )


def _names(groups: Groups, side: str) -> frozenset[str]:
    counted = Counter(name for group in groups for name in group)
    twice = sorted(name for name, n in counted.items() if n > 1)
    if twice:
        raise ValueError(f'"{twice[0]}" is in two {side} groups')
    return frozenset(counted)


def _overlaps(key: Groups, response: Groups) -> Counter[tuple[int, int]]:
    """Size of the common part of each true and each predicted group that have one."""
    of = {name: j for j, group in enumerate(response) for name in group}
    return Counter((i, of[name]) for i, group in enumerate(key) for name in group)


def _pairs(key: Groups, response: Groups) -> Agreement:
    right = sum(n * (n - 1) // 2 for n in _overlaps(key, response).values())
    n_true, n_said = (sum(len(g) * (len(g) - 1) // 2 for g in x) for x in (key, response))
    return Agreement(right / n_said if n_said else 1.0, right / n_true if n_true else 1.0)


def _b_cubed(key: Groups, response: Groups, n: int) -> Agreement:
    """Mean, over things, of the share of its group that is right (Bagga and Baldwin 1998)."""
    if not n:
        return Agreement(1.0, 1.0)
    common = _overlaps(key, response).items()
    precision = sum(m * m / len(response[j]) for (_, j), m in common) / n
    recall = sum(m * m / len(key[i]) for (i, _), m in common) / n
    return Agreement(precision, recall)


def _muc(key: Groups, response: Groups) -> float:
    """Share of the links of `key` that `response` has (Vilain and others 1995); 0 without links."""
    of = {name: j for j, group in enumerate(response) for name in group}
    links = sum(len(group) - 1 for group in key)
    kept = sum(len(group) - len({of[name] for name in group}) for group in key)
    return kept / links if links else 0.0


def _ceaf_e(key: Groups, response: Groups) -> Agreement:
    """Best one-to-one pairing of groups by their Dice coefficient (Luo 2005, phi 4)."""
    if not key or not response:
        return Agreement(0.0, 0.0)
    total = sum(
        _best_pairing({(i, j): 2.0 * m / (len(key[i]) + len(response[j])) for (i, j), m in part})
        for part in _parts(_overlaps(key, response))
    )
    return Agreement(total / len(response), total / len(key))


def _parts(common: Counter[tuple[int, int]]) -> list[list[tuple[tuple[int, int], int]]]:
    """Overlaps in parts that share no group, so that each is paired by itself."""
    root: dict[tuple[bool, int], tuple[bool, int]] = {}

    def find(node: tuple[bool, int]) -> tuple[bool, int]:
        root.setdefault(node, node)
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for i, j in common:
        root[find((True, i))] = find((False, j))
    parts: dict[tuple[bool, int], list[tuple[tuple[int, int], int]]] = {}
    for pair, m in common.items():
        parts.setdefault(find((True, pair[0])), []).append((pair, m))
    return list(parts.values())


def _best_pairing(likeness: dict[tuple[int, int], float]) -> float:
    rows = sorted({i for i, _ in likeness})
    columns = sorted({j for _, j in likeness})
    table = np.zeros((len(rows), len(columns)))
    for (i, j), value in likeness.items():
        table[rows.index(i), columns.index(j)] = value
    # Loads in a tenth of a second or more, and few commands come here.
    from scipy.optimize import linear_sum_assignment

    chosen = linear_sum_assignment(table, maximize=True)
    return float(table[chosen].sum())
