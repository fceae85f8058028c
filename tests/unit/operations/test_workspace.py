from __future__ import annotations

import pytest

from lightkeeper.errors import InputError
from lightkeeper.operations.workspace import check_weights
from lightkeeper.region import load_demo_region


def test_weights_of_unknown_districts_are_refused_by_name() -> None:
    region = load_demo_region()
    check_weights(region, {str(region.districts[0].id): 2.0})
    with pytest.raises(InputError, match="district_weights: a, b is no district"):
        check_weights(region, {"b": 1.0, "a": 2.0, str(region.districts[0].id): 2.0})
