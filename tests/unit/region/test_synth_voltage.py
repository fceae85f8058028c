"""The base state of the demo network has an AC solution with sound voltages."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import bmat, coo_array, csr_array, diags_array
from scipy.sparse.linalg import spsolve

from lightkeeper.grid.model import Network
from lightkeeper.region.csv_folder import load_demo_region
from lightkeeper.units import BoolArray, FloatArray


def test_demo_has_an_ac_base_state() -> None:
    """Newton's method, units held within their reactive limits, one reference."""
    network = load_demo_region().network
    v_pu, losses_mw = solve_ac(network)
    assert v_pu.min() > 0.90
    assert v_pu.max() < 1.06
    assert 0.015 < losses_mw / network.loads.p_mw.sum() < 0.05


def solve_ac(network: Network) -> tuple[FloatArray, float]:
    n, base = len(network.buses.id), network.base_mva
    admittance = admittance_matrix(network)
    units, ties, loads = network.generators, network.ties, network.loads
    runs = units.p_mw != 0.0
    p = np.zeros(n)
    np.add.at(p, units.bus, units.p_mw / base)
    np.add.at(p, ties.bus, ties.p_mw / base)
    np.add.at(p, loads.bus, -loads.p_mw / base)
    q_load = np.bincount(loads.bus, weights=loads.q_mvar, minlength=n) / base
    q_min = np.bincount(units.bus[runs], weights=units.q_min_mvar[runs], minlength=n) / base
    q_max = np.bincount(units.bus[runs], weights=units.q_max_mvar[runs], minlength=n) / base
    holds = q_max > 0.0
    q = -q_load
    v = np.where(holds, 1.02, 1.0) + 0j
    for _ in range(10):
        v = newton(admittance, v, p, q, holds, network.buses.is_reference)
        made = (v * np.conj(np.asarray(admittance @ v))).imag + q_load
        beyond = holds & ~network.buses.is_reference & ((made > q_max) | (made < q_min))
        if not beyond.any():
            return np.abs(v), float((v * np.conj(np.asarray(admittance @ v))).real.sum() * base)
        holds &= ~beyond
        q = np.where(beyond, np.clip(made, q_min, q_max) - q_load, q)
    pytest.fail("the units' reactive limits leave no solution")


def admittance_matrix(network: Network) -> csr_array:
    n = len(network.buses.id)
    parts = [
        (b.from_bus, b.to_bus, 1 / (b.r_pu + 1j * b.x_pu), b.b_pu)
        for b in (network.lines, network.transformers)
    ]
    a, b, series, charging = (np.concatenate(column) for column in zip(*parts, strict=True))
    own = series + 0.5j * charging
    shunt = np.bincount(network.shunts.bus, weights=network.shunts.b_mvar, minlength=n)
    every = np.arange(n)
    return coo_array(
        (
            np.concatenate((own, own, -series, -series, 1j * shunt / network.base_mva)),
            (np.concatenate((a, b, a, b, every)), np.concatenate((a, b, b, a, every))),
        ),
        shape=(n, n),
    ).tocsr()


def newton(
    admittance: csr_array,
    v: np.ndarray,
    p: FloatArray,
    q: FloatArray,
    holds: BoolArray,
    is_reference: BoolArray,
) -> np.ndarray:
    angles = np.flatnonzero(~is_reference)
    sizes = np.flatnonzero(~is_reference & ~holds)
    for _ in range(20):
        current = admittance @ v
        power = v * np.conj(current)
        miss = np.concatenate(((p - power.real)[angles], (q - power.imag)[sizes]))
        if np.abs(miss).max() < 1e-8:
            return v
        unit = v / np.abs(v)
        by_size = (
            diags_array(v) @ (admittance @ diags_array(unit)).conj()
            + diags_array(np.conj(current) * unit)
        ).tocsr()
        by_angle = (
            1j * diags_array(v) @ (diags_array(current) - admittance @ diags_array(v)).conj()
        ).tocsr()
        jacobian = bmat(
            [
                [by_angle.real[angles][:, angles], by_size.real[angles][:, sizes]],
                [by_angle.imag[sizes][:, angles], by_size.imag[sizes][:, sizes]],
            ],
            format="csc",
        )
        step = spsolve(jacobian, miss)
        angle, size = np.angle(v), np.abs(v)
        angle[angles] += step[: len(angles)]
        size[sizes] += step[len(angles) :]
        v = size * np.exp(1j * angle)
    pytest.fail("Newton's method does not converge")
