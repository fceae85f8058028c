"""The demo on a real server: what the browser and the API tests look at."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import uvicorn
from fastapi import FastAPI

from lightkeeper.operations import Workspace, open_demo
from lightkeeper.settings import Settings

START_WITHIN_S = 30.0


def open_small_demo(folder: Path, *, n_scenarios: int) -> Workspace:
    """Return the demo's workspace with few scenarios and its log in a folder."""
    return open_demo(Settings(n_scenarios=n_scenarios), keep=folder / "demo.sqlite")


@contextmanager
def serve(app: FastAPI) -> Iterator[str]:
    """Serve on a free port of loopback and give the address, ending in "/"."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            give_up_at = monotonic() + START_WITHIN_S
            while not server.started:
                if not thread.is_alive() or monotonic() > give_up_at:
                    raise RuntimeError("the server did not start")
                sleep(0.02)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join(START_WITHIN_S)
