"""One scenario to plan with: the one nearest to the middle of the ensemble."""

from __future__ import annotations

import numpy as np

from lightkeeper.consequences.distribution import weighted_quantiles
from lightkeeper.consequences.model import Consequences
from lightkeeper.damage.model import DamageEnsemble


def find_representative(ensemble: DamageEnsemble, consequences: Consequences) -> int:
    """Return the scenario nearest to the weighted medians of people off and of unserved power.

    Distance is the sum over the districts of people off against each district's median, plus the
    total's against its own and the unserved power's (both as shares of their median), so that the
    scenario is ordinary as a whole and district by district. Scenarios of weight 0 do not count.
    """
    half = np.array([0.5])
    weight = ensemble.weight
    values = consequences.district_people_off
    middle = weighted_quantiles(values, weight, half)[0]
    distance = np.abs(values - middle).sum(axis=1) / max(float(middle.sum()), 1.0)
    for total in (consequences.people_off_by_scenario, consequences.unserved_mw_by_scenario):
        centre = float(weighted_quantiles(total[:, None], weight, half)[0, 0])
        distance += np.abs(total - centre) / max(centre, 1.0)
    return int(np.argmin(np.where(weight > 0, distance, np.inf)))
