"""What holds an incident together: its weakest tie."""

from __future__ import annotations

from lightkeeper.incidents.match import probability
from lightkeeper.incidents.model import IncidentId
from lightkeeper.incidents.review import Tie
from lightkeeper.incidents.stream import Stream


def weakest_ties(stream: Stream) -> list[Tie]:
    """The weakest tie of each incident of several reports.

    Each account hangs on the incident by its best match with another one of it; the least of these
    is where the incident would come apart first. Accounts that hang on by a person's word alone
    have no such match and are left out.
    """
    ties = []
    for incident in stream.incidents.values():
        members = [a for a in incident.aliases if a in stream.accounts]
        best: list[tuple[float, IncidentId, IncidentId]] = []
        for account in members:
            fits = [
                (match.log_odds, account, other)
                for other, match in stream.matches.get(account, {}).items()
                if other in members
            ]
            if fits:
                best.append(max(fits))
        if best:
            log_odds, a, b = min(best)
            first, second = stream.accounts[a].report.id, stream.accounts[b].report.id
            reports = (first, second) if first <= second else (second, first)
            ties.append(
                Tie(incident=incident.id, reports=reports, probability=probability(log_odds))
            )
    return ties
