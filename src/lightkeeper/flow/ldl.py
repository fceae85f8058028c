"""Symbolic LDL' factorisation of a network's susceptance matrix, done once for the intact pattern.

The matrix is never stored: `kernels.refactor` assembles it column by column from the branches that
are live. What is fixed is the order of elimination, the elimination tree and the pattern of L, for
the network with every branch in service; a lost branch is a zero in that pattern.

Sources: T. A. Davis, *Direct Methods for Sparse Linear Systems*, SIAM 2006, ch. 4; J. W. H. Liu,
"The role of elimination trees in sparse factorization", SIAM J. Matrix Anal. Appl. 11 (1990).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numba import njit
from scipy.sparse.linalg import splu

from lightkeeper.units import IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """Pattern of L for a given order.

    `position[bus]` is the place of a bus in the order, `order[place]` its inverse. `parent` is the
    elimination tree (-1 at roots). Column j of L (unit diagonal left out) has the rows
    `l_row[l_start[j]:l_start[j + 1]]`, ascending. Row j of L has the columns
    `row_col[row_start[j]:row_start[j + 1]]`, ascending, whose entries stand at `row_pos` in the
    column storage.
    """

    position: IntArray
    order: IntArray
    parent: IntArray
    l_start: IntArray
    l_row: IntArray
    row_start: IntArray
    row_col: IntArray
    row_pos: IntArray


@njit(cache=True, nogil=True)
def _elimination_tree(n: int, start: IntArray, near: IntArray) -> tuple[IntArray, IntArray]:
    """Parents and column counts of L, from adjacency lists in elimination order."""
    parent = np.full(n, -1, np.int32)
    ancestor = np.full(n, -1, np.int32)
    for k in range(n):
        for p in range(start[k], start[k + 1]):
            i = near[p]
            while i != -1 and i < k:
                above = ancestor[i]
                ancestor[i] = k
                if above == -1:
                    parent[i] = k
                i = above
    count = np.zeros(n, np.int32)
    seen = np.full(n, -1, np.int32)
    for k in range(n):
        seen[k] = k
        for p in range(start[k], start[k + 1]):
            i = near[p]
            while i < k and seen[i] != k:
                count[i] += 1
                seen[i] = k
                i = parent[i]
    return parent, count


@njit(cache=True, nogil=True)
def _fill_pattern(
    n: int, start: IntArray, near: IntArray, parent: IntArray, l_start: IntArray
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Rows of each column of L, and for each row its columns with their places."""
    l_row = np.zeros(l_start[n], np.int32)
    row_start = np.zeros(n + 1, np.int32)
    row_col = np.zeros(l_start[n], np.int32)
    row_pos = np.zeros(l_start[n], np.int32)
    used = np.zeros(n, np.int32)
    seen = np.full(n, -1, np.int32)
    for k in range(n):
        seen[k] = k
        begin = row_start[k]
        end = begin
        for p in range(start[k], start[k + 1]):
            i = near[p]
            while i < k and seen[i] != k:
                row_col[end] = i
                end += 1
                seen[i] = k
                i = parent[i]
        row_col[begin:end] = np.sort(row_col[begin:end])
        for q in range(begin, end):
            i = row_col[q]
            row_pos[q] = l_start[i] + used[i]
            l_row[row_pos[q]] = k
            used[i] += 1
        row_start[k + 1] = end
    return l_row, row_start, row_col, row_pos


def fill_reducing_order(n_bus: int, from_bus: IntArray, to_bus: IntArray) -> IntArray:
    """Place of each bus in a minimum-degree order of the graph with these branches, (n_bus,)."""
    half = sp.csc_matrix((np.ones(len(from_bus)), (from_bus, to_bus)), shape=(n_bus, n_bus))
    pattern = sp.csc_matrix(half + half.T)
    pattern.data[:] = -1.0
    degree = np.asarray(-pattern.sum(axis=0)).ravel()
    # Diagonally dominant, so that SuperLU keeps to the diagonal and its order holds for any values.
    lu = splu(
        (pattern + sp.diags(degree + 1.0)).tocsc(),
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    return lu.perm_c.astype(np.int32)


def adjacency(
    n_bus: int, from_bus: IntArray, to_bus: IntArray, branches: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Neighbours of each bus over the given branches: (start (n_bus + 1,), bus, branch)."""
    here = np.concatenate([from_bus[branches], to_bus[branches]])
    there = np.concatenate([to_bus[branches], from_bus[branches]])
    by_bus = np.argsort(here, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(here, minlength=n_bus))]).astype(np.int32)
    both = np.concatenate([branches, branches])
    return start, there[by_bus].astype(np.int32), both[by_bus].astype(np.int32)


def analyse(n_bus: int, from_bus: IntArray, to_bus: IntArray, branches: IntArray) -> Structure:
    """Order the buses and find the pattern of L for the graph of the given branch rows."""
    position = fill_reducing_order(n_bus, from_bus[branches], to_bus[branches])
    order = np.empty(n_bus, np.int32)
    order[position] = np.arange(n_bus, dtype=np.int32)
    start, near, _ = adjacency(n_bus, position[from_bus], position[to_bus], branches)
    parent, count = _elimination_tree(n_bus, start, near)
    l_start = np.concatenate([[0], np.cumsum(count)]).astype(np.int32)
    l_row, row_start, row_col, row_pos = _fill_pattern(n_bus, start, near, parent, l_start)
    return Structure(
        position=position,
        order=order,
        parent=parent,
        l_start=l_start,
        l_row=l_row,
        row_start=row_start,
        row_col=row_col,
        row_pos=row_pos,
    )
