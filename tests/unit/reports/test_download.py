"""Fetching, from a server of the test's own."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from lightkeeper.reports.download import DownloadOptions, Validators, download, show_url
from lightkeeper.reports.source import SourceFailed

FEED = "У Лубнах немає світла.".encode()


class Handler(BaseHTTPRequestHandler):
    """Answers by the path asked for."""

    seen: list[dict[str, str]]
    let_go: Event

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.seen.append({k.lower(): v for k, v in self.headers.items()})
        match self.path.partition("?")[0]:
            case "/feed":
                if self.headers["If-None-Match"] == '"v1"':
                    self.answer(304)
                else:
                    self.answer(
                        200, FEED, ETag='"v1"', Last_Modified="Sat, 10 Jan 2026 04:00:00 GMT",
                        Content_Type="text/plain; charset=utf-8",
                    )  # fmt: skip
            case "/packed":
                self.answer(200, gzip.compress(FEED), Content_Encoding="gzip")
            case "/bomb":
                self.answer(200, gzip.compress(b" " * 20_000_000), Content_Encoding="gzip")
            case "/damaged":
                self.answer(200, gzip.compress(FEED)[:-12], Content_Encoding="gzip")
            case "/no-gzip":
                self.answer(200, b"plain words", Content_Encoding="gzip")
            case "/brotli":
                self.answer(200, zlib.compress(FEED), Content_Encoding="br")
            case "/huge":
                self.answer(200, b"x" * 300_000)
            case "/busy":
                self.answer(429, Retry_After="120")
            case "/later":
                self.answer(503, Retry_After="Fri, 31 Dec 2100 00:00:00 GMT")
            case "/loop":
                self.answer(302, Location="/loop")
            case "/moved":
                self.answer(301, Location="/feed")
            case "/slow":
                self.let_go.wait(10)
            case "/cut":
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b"half")
            case _:
                self.answer(404)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    Handler.let_go = Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        Handler.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def seen() -> list[dict[str, str]]:
    Handler.seen = []
    return Handler.seen


def test_what_has_not_changed_is_not_sent_again(address: str, seen: list[dict[str, str]]) -> None:
    first = download(f"{address}/feed", Validators(), DownloadOptions())
    assert first.data == FEED
    assert first.charset == "utf-8"
    again = download(f"{address}/feed", first.validators, DownloadOptions())
    assert again.data is None
    assert again.validators == first.validators
    assert "if-none-match" not in seen[0]
    assert seen[1]["if-none-match"] == '"v1"'
    assert seen[1]["if-modified-since"] == "Sat, 10 Jan 2026 04:00:00 GMT"


def test_a_key_is_sent_and_never_told(address: str, seen: list[dict[str, str]]) -> None:
    options = DownloadOptions(headers={"Authorization": "Bearer sesame"})
    with pytest.raises(SourceFailed) as caught:
        download(f"{address}/none?token=sesame", Validators(), options)
    assert seen[0]["authorization"] == "Bearer sesame"
    assert "sesame" not in str(caught.value)
    assert "404" in caught.value.reason


def test_packed_answers_and_redirects_are_followed(address: str) -> None:
    for path in ("/packed", "/moved"):
        assert download(address + path, Validators(), DownloadOptions()).data == FEED


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/none", "404"),
        ("/busy", "429 .asked too often"),
        ("/huge", "more than 100000 bytes"),
        ("/bomb", "more than 100000 bytes"),
        ("/damaged", "breaks off"),
        ("/no-gzip", "damaged gzip"),
        ("/brotli", "not asked for"),
        ("/cut", "no answer could be read"),
        ("/loop", "redirects more than"),
    ],
)
def test_every_other_answer_fails_with_its_reason(address: str, path: str, reason: str) -> None:
    with pytest.raises(SourceFailed, match=reason):
        download(address + path, Validators(), DownloadOptions(max_bytes=100_000))


def test_no_answer_fails_in_time(address: str) -> None:
    with pytest.raises(SourceFailed, match=r"within 0\.2 s"):
        download(f"{address}/slow", Validators(), DownloadOptions(timeout_s=0.2))
    with pytest.raises(SourceFailed, match="ConnectError"):
        download("http://127.0.0.1:1/x", Validators(), DownloadOptions())


def test_a_server_says_when_to_come_back(address: str) -> None:
    with pytest.raises(SourceFailed) as caught:
        download(f"{address}/busy", Validators(), DownloadOptions())
    assert caught.value.retry_after_s == 120.0
    with pytest.raises(SourceFailed) as caught:
        download(f"{address}/later", Validators(), DownloadOptions())
    assert caught.value.retry_after_s is not None
    assert caught.value.retry_after_s > 1e9


@pytest.mark.parametrize(
    "url", ["ftp://x/y", "not an address", "http://[::1", "file:///etc/passwd"]
)
def test_what_is_no_web_address_is_not_fetched(url: str) -> None:
    with pytest.raises(SourceFailed):
        download(url, Validators(), DownloadOptions())


def test_an_address_is_shown_without_what_may_be_secret() -> None:
    shown = show_url("https://me:pass@host.test:8443/a/b?token=sesame#x")
    assert shown == "https://host.test:8443/a/b"
    assert show_url("http://[::1") == "the address"
