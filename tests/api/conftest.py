"""The demo behind a real server, asked as any client would."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from demo_server import open_small_demo, serve

from lightkeeper.web.app import create_app

TIMEOUT_S = 120.0


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    workspace = open_small_demo(tmp_path_factory.mktemp("demo"), n_scenarios=20)
    with serve(create_app(workspace)) as url:
        yield url


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    """Nobody's client: it has given no name."""
    with httpx.Client(base_url=address, timeout=TIMEOUT_S) as client:
        yield client


@pytest.fixture
def officer(address: str) -> Iterator[httpx.Client]:
    """A client whose user gave a name."""
    with httpx.Client(base_url=address, timeout=TIMEOUT_S) as client:
        client.post("/api/session", json={"name": "Olena Koval"}).raise_for_status()
        yield client
