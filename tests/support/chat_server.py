"""A small chat-completions server of the tests, on loopback: it answers what a test tells it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class Reply:
    """What to send: a status, a body, and how."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drip_s: float = 0.0
    """Seconds between single bytes, without an end."""


@dataclass(slots=True)
class ChatServer:
    """Where it listens, and what it was asked."""

    url: str
    requests: list[Json] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def report(self) -> str:
        """The text of the report that was sent last, as the model sees it."""
        said: Json = json.loads(self.requests[-1]["messages"][-1]["content"])
        return str(said["report"])


def completion(text: str | None, finish_reason: str = "stop") -> Reply:
    """A chat completion with this text as its message."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    return Reply(json.dumps({"id": "1", "object": "chat.completion", "choices": [choice]}).encode())


def claims_answer(*claims: Json) -> Reply:
    """A completion whose message is the JSON asked for."""
    return completion(json.dumps({"claims": list(claims)}, ensure_ascii=False))


@contextmanager
def chat_server(answer: Callable[[Json], Reply]) -> Iterator[ChatServer]:
    """Serve; `answer` gets the request's JSON."""
    log = ChatServer(url="")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            log.requests.append(body)
            log.headers.append({k.lower(): v for k, v in self.headers.items()})
            reply = answer(body)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Connection", "close")
            self.end_headers()
            try:
                if reply.drip_s:
                    while not stopping.is_set():
                        self.wfile.write(b" ")
                        self.wfile.flush()
                        time.sleep(reply.drip_s)
                self.wfile.write(reply.body)
            except OSError:
                pass  # the other side had enough

        def log_message(self, format: str, *args: object) -> None:
            pass

    stopping = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    log.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield log
    finally:
        stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()
