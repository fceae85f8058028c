"""Islands, and buses that share a site."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lightkeeper.grid import group_into_sites, label_islands, make_network


def test_islands_follow_what_is_in_service() -> None:
    network = make_network(
        "five", 100.0, True,
        {
            "buses": {"id": list("abcdef"), "in_service": [True, True, True, True, False, True]},
            "lines": {
                "id": ["1", "2", "3", "4"],
                "from_bus": list("abda"),
                "to_bus": list("bcef"),
                "x_pu": 0.1,
                "in_service": [True, False, True, True],
            },
            "switches": {
                "id": ["s", "t"],
                "from_bus": ["c", "a"],
                "to_bus": ["d", "d"],
                "is_closed": [True, False],
            },
        },
    )  # fmt: skip
    island, n_islands = label_islands(network)
    assert n_islands == 2
    assert island.tolist() == [0, 0, 1, 1, -1, 0]


def sites_of(substation: list[str], transformers: list[str], switches: list[str]) -> list[str]:
    named = sorted({s for s in substation if s})

    def ends(pairs: list[str]) -> dict[str, ArrayLike]:
        return {
            "id": [f"{i}" for i in range(len(pairs))],
            "from_bus": np.array([p[0] for p in pairs], dtype=np.str_),
            "to_bus": np.array([p[1] for p in pairs], dtype=np.str_),
        }

    network = make_network(
        "sites", 100.0, True,
        {
            "substations": {"id": named},
            "buses": {"id": list("abcdef")[: len(substation)], "substation": substation},
            "transformers": ends(transformers) | {"x_pu": 0.1},
            "switches": ends(switches),
        },
    )  # fmt: skip
    sites = group_into_sites(network)
    return [str(sites.id[s]) for s in sites.site_of_bus]


def test_a_transformer_stands_inside_a_fence() -> None:
    grouped = sites_of([""] * 5, ["bd", "de"], [])
    assert grouped == ["site-a", "site-b", "site-c", "site-b", "site-b"]


def test_a_switch_stands_inside_a_fence() -> None:
    assert sites_of([""] * 3, [], ["ca"]) == ["site-a", "site-b", "site-a"]


def test_a_named_substation_takes_what_hangs_on_it() -> None:
    assert sites_of(["S", "", ""], ["ab"], []) == ["S", "S", "site-c"]


def test_the_table_wins_over_a_transformer_between_two_sites() -> None:
    assert sites_of(["S", "T", "", ""], ["ab", "bc"], []) == ["S", "T", "T", "site-d"]


def test_what_hangs_on_two_named_sites_is_its_own() -> None:
    assert sites_of(["S", "T", ""], ["ac", "bc"], []) == ["S", "T", "site-c"]
