"""Claims of many reports to incidents: group, merge, set against each other, order.

A pure function of what is given. The order of claims and reports changes nothing; a report or a
claim that is not given leaves no trace.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from lightkeeper.claims.model import Claim
from lightkeeper.errors import InputError
from lightkeeper.incidents.model import MergeDecision, ReconcileOptions, Reconciliation
from lightkeeper.incidents.stream import decide, open_stream, receive, snapshot
from lightkeeper.region import Gazetteer
from lightkeeper.reports.model import Report, ReportId


def reconcile(
    claims: Sequence[Claim],
    reports: Sequence[Report],
    gazetteer: Gazetteer,
    *,
    decisions: Sequence[MergeDecision] = (),
    options: ReconcileOptions | None = None,
) -> Reconciliation:
    """Merge claims about the same event into incidents.

    Parameters
    ----------
    claims
        Of the reports given, in any order; retracted ones left out. Only those of layer INCIDENT
        become facts.
    reports
        In any order; retracted ones left out.
    decisions
        What people merged and split, in order of the log; later ones win over earlier ones, and all
        of them over the program.

    Returns
    -------
    Reconciliation
        Incidents, parents before their children and earlier ones first, and the claims left
        outside.

    Raises
    ------
    InputError
        A claim belongs to a report that is not given.
    """
    of_report: dict[ReportId, list[Claim]] = defaultdict(list)
    for claim in claims:
        of_report[claim.report].append(claim)
    missing = of_report.keys() - {r.id for r in reports}
    if missing:
        claim = next(c for c in claims if c.report in missing)
        raise InputError(
            f'claim "{claim.id}" is of report "{claim.report}", which is not given; '
            "give the report too, or leave its claims out"
        )
    stream = open_stream(gazetteer, options)
    decide(stream, decisions)
    receive(stream, ((r, of_report.get(r.id, [])) for r in reports))
    return snapshot(stream)
