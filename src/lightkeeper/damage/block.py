"""Exact distribution of how many people one substation's feeders leave without power.

A block is one substation and the feeders of it that are drawn together. Given the substation's
state its feeders are independent, so the sum of the off feeders' weights has a distribution that is
a product of two-point polynomials; from it single feeders are drawn back, given the sum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lightkeeper.units import BoolArray, FloatArray, IntArray

UNKNOWN, ON, OFF = -1, 0, 1
"""What is observed of a feeder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One substation and feeders of it. Columns have shape (n_feeders,).

    `weight` is the feeder's people in whole units of the grid (0 for a feeder that does not count
    towards the group's share), `p_off` the chance that the feeder is off while its substation
    carries it, `observed` one of UNKNOWN, ON, OFF. `p_state` is the chance of each substation
    state, (1, 0, 0) where there is no substation.
    """

    weight: IntArray
    p_off: FloatArray
    observed: IntArray
    drops: BoolArray
    p_state: FloatArray

    def is_dropped(self, state: int) -> BoolArray:
        """Feeders that a substation in this state cannot carry."""
        if state == 2:
            return np.ones_like(self.drops)
        return self.drops if state == 1 else np.zeros_like(self.drops)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Partial products for one state: `products[k]` holds the first k carried feeders.

    `carried` lists the feeders that the substation still carries, `shift` is the weight of the
    dropped ones. `chance[y]` is the chance of weight y off together with what is observed.
    """

    carried: IntArray
    products: tuple[FloatArray, ...]
    shift: int
    chance: FloatArray


def chain_of(block: Block, state: int) -> Chain:
    """Build the distribution for one substation state; all zero where it contradicts a feeder."""
    dropped = block.is_dropped(state)
    shift = int(block.weight[dropped].sum())
    top = int(block.weight.sum())
    carried = np.flatnonzero(~dropped)
    product = np.ones(1)
    if (block.observed[dropped] == ON).any():
        product = np.zeros(1)
    products = [product]
    for feeder in carried:
        weight, p_off = int(block.weight[feeder]), block.p_off[feeder]
        grown = np.zeros(product.size + weight)
        if block.observed[feeder] != OFF:
            grown[: product.size] += (1 - p_off) * product
        if block.observed[feeder] != ON:
            grown[weight:] += p_off * product
        product = grown
        products.append(product)
    chance = np.zeros(top + 1)
    chance[shift : shift + product.size] = product
    return Chain(
        carried=carried.astype(np.int32), products=tuple(products), shift=shift, chance=chance
    )


def draw_feeders(
    block: Block, chain: Chain, total: IntArray, rng: np.random.Generator
) -> BoolArray:
    """Draw which carried feeders are off, given the block's weight off.

    Parameters
    ----------
    total
        Weight off in each drawn scenario, shape (n,); its chance under `chain` is positive.

    Returns
    -------
    Boolean, shape (n, n_feeders): off by itself; False for dropped feeders.
    """
    off = np.zeros((total.size, block.weight.size), dtype=np.bool_)
    rest = total - chain.shift
    for k in range(chain.carried.size - 1, -1, -1):
        feeder = int(chain.carried[k])
        weight = int(block.weight[feeder])
        before = chain.products[k]
        without = _at(before, rest) * (block.observed[feeder] != OFF) * (1 - block.p_off[feeder])
        with_it = _at(before, rest - weight) * (block.observed[feeder] != ON) * block.p_off[feeder]
        off[:, feeder] = rng.random(total.size) * (without + with_it) < with_it
        rest = rest - weight * off[:, feeder]
    return off


def _at(values: FloatArray, index: IntArray) -> FloatArray:
    """Values at the indices, 0 outside."""
    inside = (index >= 0) & (index < values.size)
    return np.where(inside, values[np.clip(index, 0, values.size - 1)], 0.0)
