"""Weapons and the classes over them."""

from __future__ import annotations

_WEAPON_CLASS = {
    "KAB": "aerial_bomb",
    "FAB": "aerial_bomb",
    "shahed_uav": "uav",
    "fpv_drone": "uav",
    "cruise_missile": "missile",
    "ballistic_missile": "missile",
    "aeroballistic_missile": "missile",
}


def is_kind_of(item: str, group: str) -> bool:
    """Whether a weapon is, or is a kind of, another."""
    return item == group or _WEAPON_CLASS.get(item) == group


def may_be_one(a: str, b: str) -> bool:
    """Whether two words may mean one weapon: the same, or one a kind of the other."""
    return is_kind_of(a, b) or is_kind_of(b, a)
