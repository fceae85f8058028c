"""Reports and claims by hand, for tests that should not depend on how a text is read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from report_drafts import Draft

from lightkeeper.claims import Layer
from lightkeeper.incidents import Incident, MergeDecision, Reconciliation, reconcile
from lightkeeper.region import Gazetteer, load_gazetteer

DraftReport = Callable[..., Draft]
Reconcile = Callable[..., Reconciliation]


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return load_gazetteer()


@pytest.fixture
def draft(gazetteer: Gazetteer) -> DraftReport:
    def make(
        name: str,
        *,
        hours: float | None = None,
        channel: str | None = None,
        forwarded_from: str | None = None,
        layer: Layer = Layer.INCIDENT,
    ) -> Draft:
        return Draft(gazetteer, name, hours, channel, forwarded_from, layer)

    return make


@pytest.fixture
def picture(gazetteer: Gazetteer) -> Reconcile:
    def make(*drafts: Draft, decisions: tuple[MergeDecision, ...] = ()) -> Reconciliation:
        return reconcile(
            [c for d in drafts for c in d.claims],
            [d.report() for d in drafts],
            gazetteer,
            decisions=decisions,
        )

    return make


@pytest.fixture
def only(picture: Reconcile) -> Callable[..., Incident]:
    """The one incident that the drafts make."""

    def make(*drafts: Draft, decisions: tuple[MergeDecision, ...] = ()) -> Incident:
        (incident,) = picture(*drafts, decisions=decisions).incidents
        return incident

    return make


@pytest.fixture
def facts() -> Callable[[Incident, str], list[tuple[str, str]]]:
    """(value, status) of an incident's facts of one name."""

    def find(incident: Incident, name: str) -> list[tuple[str, str]]:
        return [(f.value, f.status.value) for f in incident.facts if f.name == name]

    return find
