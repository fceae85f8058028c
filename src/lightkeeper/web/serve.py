"""Run the server on loopback, say where, open the page if asked."""

from __future__ import annotations

import asyncio
import os
import socket
import webbrowser
from collections.abc import Callable

import uvicorn
from rich.console import Console

from lightkeeper.errors import DeliveryError
from lightkeeper.operations import SourceDesk, SourcePoller, Workspace, make_tools
from lightkeeper.web.app import create_app


def run_server(
    workspace: Workspace,
    host: str,
    port: int,
    *,
    open_page: bool,
    console: Console,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Serve until interrupted. A port that is taken gives way to a free one, and is said so.

    The sources of the workspace, if it has any, are asked in the background meanwhile. `announce`
    is called with the address once a client can connect to it.

    Raises
    ------
    DeliveryError
        The address cannot be bound at all.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as taken:
        try:
            listener.bind((host, 0))
        except OSError as error:
            raise DeliveryError(f"cannot listen on {host}: {error}; choose another host") from error
        console.print(f"port {port} is taken ({taken.strerror}); using a free one")
    address = f"[{host}]" if ":" in host else host
    url = f"http://{address}:{listener.getsockname()[1]}/"
    console.print(f"Lightkeeper serves on [bold]{url}[/]  (public page: {url}public)")
    console.print("The first picture takes some seconds; Ctrl-C stops the server.")
    listener.listen()  # whoever connects from now on waits for the server instead of being refused
    if announce is not None:
        announce(url)
    if open_page:
        webbrowser.open(url)
    desk = SourceDesk(workspace, make_tools(workspace, os.environ))
    poller = SourcePoller(desk, workspace.sources)
    if workspace.sources:
        console.print(f"Asking {len(workspace.sources)} source(s) in the background.")
    app = create_app(workspace, live_records=desk.records if workspace.sources else None)
    poller.start()
    try:
        with listener:
            config = uvicorn.Config(app, log_level="warning")
            asyncio.run(uvicorn.Server(config).serve(sockets=[listener]))
    finally:
        poller.stop()
