"""How a building loses its heat: zones with a capacity each, losses to outside and to each other.

A resistance-capacitance model in the manner of ISO 13790. Steps are solved exactly, so that a house
of one zone follows the analytic exponential and energy is conserved to rounding whatever the step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lightkeeper.errors import InputError
from lightkeeper.units import FloatArray

INTERNAL_CAPACITY_J_PER_K_M2 = {
    "very_light": 80e3,
    "light": 110e3,
    "medium": 165e3,
    "heavy": 260e3,
    "very_heavy": 370e3,
}
"""Internal heat capacity per square metre of floor, ISO 13790:2008 table 12."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    """Zones of one building, or of a batch of buildings with the batch's shape in front.

    `capacity_wh_per_k` and `loss_w_per_k` (to outside) have shape (..., n_zones),
    `coupling_w_per_k` (between zones, symmetric, nothing on the diagonal) (..., n_zones, n_zones).
    """

    capacity_wh_per_k: FloatArray
    loss_w_per_k: FloatArray
    coupling_w_per_k: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooling:
    """Temperatures at the ends of the steps, shape (n_steps + 1, ..., n_zones), and energies.

    `loss_wh` (to outside) and `heat_wh` have shape (n_steps, ..., n_zones).
    """

    temperature_c: FloatArray
    loss_wh: FloatArray
    heat_wh: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Exact matrices of one step of `step_h`, each of shape (..., n_zones, n_zones).

    With u the power into each zone (heat, and loss times outdoor temperature), constant over the
    step: the end is `decay @ start + drive @ u`, the mean `mean_decay @ start + mean_drive @ u`.
    """

    step_h: float
    decay: FloatArray
    drive: FloatArray
    mean_decay: FloatArray
    mean_drive: FloatArray


def time_constant_h(capacity_wh_per_k: float, loss_w_per_k: float) -> float:
    """Return the hours in which one zone loses 63 % of what it is above outdoors."""
    return capacity_wh_per_k / loss_w_per_k


def make_step(zones: Zones, step_h: float = 1.0) -> Step:
    """Return the exact step of a building, by the eigenvalues of its symmetric form.

    Raises
    ------
    InputError
        A capacity is not above 0, a loss or coupling is below 0, or the coupling is one-sided.
    """
    capacity, loss, coupling = (
        zones.capacity_wh_per_k,
        zones.loss_w_per_k,
        zones.coupling_w_per_k,
    )
    if not (capacity > 0).all() or not (loss >= 0).all() or not (coupling >= 0).all():
        raise InputError("zones need a capacity above 0, and losses and couplings not below 0")
    if not np.array_equal(coupling, np.swapaxes(coupling, -1, -2)):
        raise InputError("the coupling of two zones must be the same both ways")
    n = capacity.shape[-1]
    conductance = -coupling.copy()
    conductance[..., range(n), range(n)] += loss + coupling.sum(axis=-1)
    root = np.sqrt(capacity)
    rate, mode = np.linalg.eigh(conductance / (root[..., :, None] * root[..., None, :]))
    x = np.maximum(rate, 0.0) * step_h
    small = x < 1e-4  # Series where the closed form would lose digits.
    safe = np.where(small, 1.0, x)
    first = np.where(small, 1 - x / 2 + x**2 / 6, -np.expm1(-safe) / safe)
    second = np.where(small, 0.5 - x / 6 + x**2 / 24, (safe + np.expm1(-safe)) / safe**2)

    def matrix(diagonal: FloatArray, divisor: FloatArray) -> FloatArray:
        inner = (mode * diagonal[..., None, :]) @ np.swapaxes(mode, -1, -2)
        found: FloatArray = inner / root[..., :, None] * divisor[..., None, :]
        return found

    return Step(
        step_h=step_h,
        decay=matrix(np.exp(-x), root),
        drive=step_h * matrix(first, 1 / root),
        mean_decay=matrix(first, root),
        mean_drive=step_h * matrix(second, 1 / root),
    )


def cool(
    zones: Zones,
    start_c: FloatArray,
    outdoor_c: FloatArray,
    heat_w: FloatArray | float = 0.0,
    *,
    step_h: float = 1.0,
) -> Cooling:
    """Follow the temperatures of a building's zones.

    Parameters
    ----------
    start_c
        Shape (..., n_zones).
    outdoor_c
        By step, constant over each, shape (n_steps,).
    heat_w
        Heat into each zone, anything that broadcasts to (n_steps, ..., n_zones).
    """
    step = make_step(zones, step_h)
    shape = (outdoor_c.size, *np.broadcast_shapes(start_c.shape, zones.capacity_wh_per_k.shape))
    heat = np.broadcast_to(np.asarray(heat_w, dtype=np.float64), shape)
    temperature = np.empty((outdoor_c.size + 1, *shape[1:]))
    temperature[0] = start_c
    loss = np.empty(shape)
    for k, outdoor in enumerate(outdoor_c):
        power = heat[k] + zones.loss_w_per_k * outdoor
        mean = _apply(step.mean_decay, temperature[k]) + _apply(step.mean_drive, power)
        temperature[k + 1] = _apply(step.decay, temperature[k]) + _apply(step.drive, power)
        loss[k] = zones.loss_w_per_k * (mean - outdoor) * step_h
    return Cooling(temperature_c=temperature, loss_wh=loss, heat_wh=heat * step_h)


def stored_wh(zones: Zones, temperature_c: FloatArray) -> FloatArray:
    """Return the heat held above 0 °C, summed over the zones."""
    found: FloatArray = (zones.capacity_wh_per_k * temperature_c).sum(axis=-1)
    return found


def _apply(matrix: FloatArray, vector: FloatArray) -> FloatArray:
    found: FloatArray = (matrix @ vector[..., None])[..., 0]
    return found
