"""Asking a language model over HTTP, and reading a report a second time with it.

Off unless an address is set. What is asked goes to that address and nowhere else: no proxy of the
environment is used and no redirect is followed.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field

import httpx

from lightkeeper.claims.compare import Agreement, Comparison, compare_readings
from lightkeeper.claims.extract import extract
from lightkeeper.claims.language_model import (
    Outcome,
    answer_schema,
    make_messages,
    why_not_sent,
)
from lightkeeper.claims.model import Claim
from lightkeeper.claims.model_answer import ModelReading, Refusal, check_answer
from lightkeeper.region import Gazetteer
from lightkeeper.reports.model import Report
from lightkeeper.settings import Settings

MAX_ANSWER_BYTES = 2 * 1024 * 1024
MAX_ANSWER_TOKENS = 4096
MAX_DETAIL_CHARS = 200
# Servers that know no schemas say so in either way; some only fail.
_NO_SCHEMAS = frozenset({400, 404, 415, 422, 500, 501})
_BUSY = frozenset({429, 503})


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEndpoint:
    """An OpenAI-compatible server. `url` is its base, up to and with "/v1"; `key` is never shown.

    `timeout_s` is for the whole answer.
    """

    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    timeout_s: float = 60.0

    @property
    def host(self) -> str:
        """Where the text goes, for saying so."""
        return httpx.URL(self.url).netloc.decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswer:
    """What came of asking: the text of the model's message, or why there is none."""

    outcome: Outcome
    text: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondReading:
    """What a language model reads in a report, beside the rules.

    `claims` are those the report bears out; they stand in no incident and no figure. `comparisons`
    has a line for each claim of either reading, in the order of the text.
    """

    outcome: Outcome
    detail: str
    model: str
    host: str
    claims: tuple[Claim, ...] = ()
    refused: tuple[Refusal, ...] = ()
    comparisons: tuple[Comparison, ...] = ()

    @property
    def n_disagreements(self) -> int:
        """How many claims the two readings do not agree on."""
        return sum(c.agreement is not Agreement.SAME for c in self.comparisons)


def endpoint_from(settings: Settings) -> ModelEndpoint | None:
    """Return the endpoint of the settings; None when there is none, which is the default."""
    if settings.language_model_url is None:
        return None
    key = settings.language_model_key
    return ModelEndpoint(
        url=settings.language_model_url.rstrip("/"),
        model=settings.language_model,
        key=None if key is None else key.get_secret_value(),
        timeout_s=settings.language_model_timeout_s,
    )


def read_with_model(
    report: Report, rules: tuple[Claim, ...], gazetteer: Gazetteer, endpoint: ModelEndpoint
) -> SecondReading:
    """Read a report a second time and compare; never raises for what the endpoint does.

    Parameters
    ----------
    rules
        The claims that the rules read; they stay as they are.
    """
    unsent = why_not_sent(report)
    if unsent is not None:
        return SecondReading(outcome=unsent, detail="", model=endpoint.model, host=endpoint.host)
    answer = ask(endpoint, make_messages(report), answer_schema())
    reading = ModelReading(outcome=answer.outcome)
    if answer.outcome is Outcome.ANSWERED:
        reading = check_answer(report, answer.text, gazetteer)
    is_read = reading.outcome is Outcome.ANSWERED
    return SecondReading(
        outcome=reading.outcome,
        detail=answer.detail,
        model=endpoint.model,
        host=endpoint.host,
        claims=reading.claims,
        refused=reading.refused,
        comparisons=compare_readings(rules, reading.claims, gazetteer) if is_read else (),
    )


def extract_with_model(
    report: Report, gazetteer: Gazetteer, endpoint: ModelEndpoint
) -> list[Claim]:
    """Read a report by the model alone, as `extract` does by rules, to evaluate it on a set.

    Empty where the model gives no answer that can be used.
    """
    return list(
        read_with_model(report, tuple(extract(report, gazetteer)), gazetteer, endpoint).claims
    )


def ask(
    endpoint: ModelEndpoint, messages: list[dict[str, str]], schema: dict[str, object]
) -> ModelAnswer:
    """Send messages to `chat/completions` and return the text of the first choice.

    Asks for the schema first; a server that refuses it is asked once more without.
    """
    plain: dict[str, object] = {"model": endpoint.model, "messages": messages, "stream": False}
    full = plain | {
        "temperature": 0,
        "max_tokens": MAX_ANSWER_TOKENS,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "claims", "strict": True, "schema": schema},
        },
    }
    give_up_at = time.monotonic() + endpoint.timeout_s
    headers = {"Accept-Encoding": "identity"}  # packed, a small answer may be a huge one
    if endpoint.key is not None:
        headers["Authorization"] = f"Bearer {endpoint.key}"
    try:
        with httpx.Client(
            timeout=endpoint.timeout_s, headers=headers, trust_env=False, follow_redirects=False
        ) as client:
            status, body = _post(client, endpoint, full, give_up_at)
            if status in _NO_SCHEMAS:
                status, body = _post(client, endpoint, plain, give_up_at)
    except (httpx.TimeoutException, TimeoutError):
        return ModelAnswer(
            outcome=Outcome.TIMED_OUT, detail=f"no whole answer within {endpoint.timeout_s:g} s"
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return ModelAnswer(outcome=Outcome.UNREACHABLE, detail=type(error).__name__)
    if body is None:
        return ModelAnswer(
            outcome=Outcome.TOO_LARGE, detail=f"more than {MAX_ANSWER_BYTES} bytes; cut off"
        )
    if status != httpx.codes.OK:
        return ModelAnswer(outcome=_refusal(status), detail=f"HTTP {status}")
    return _message(body)


def _post(
    client: httpx.Client, endpoint: ModelEndpoint, request: dict[str, object], give_up_at: float
) -> tuple[int, bytes | None]:
    """Return the status and the body; None when the body is too large."""
    body = bytearray()
    with client.stream("POST", f"{endpoint.url}/chat/completions", json=request) as response:
        for piece in response.iter_raw():
            body += piece
            if len(body) > MAX_ANSWER_BYTES:
                return response.status_code, None
            # Each piece may come in time and the whole never.
            if time.monotonic() > give_up_at:
                raise TimeoutError
        return response.status_code, bytes(body)


def _refusal(status: int) -> Outcome:
    if status in _BUSY:
        return Outcome.BUSY
    return Outcome.DENIED if 300 <= status < 500 else Outcome.FAILED


def _message(body: bytes) -> ModelAnswer:
    """Return the text of the first choice of a chat completion."""
    try:
        choice = json.loads(body)["choices"][0]
        text = choice["message"]["content"]
    except (ValueError, RecursionError, LookupError, TypeError):
        shown = body[:MAX_DETAIL_CHARS].decode("utf-8", "replace")
        return ModelAnswer(outcome=Outcome.NOT_AS_ASKED, detail=f"no chat completion: {shown}")
    if not isinstance(text, str):
        return ModelAnswer(outcome=Outcome.NOT_AS_ASKED, detail="the message has no text")
    if choice.get("finish_reason") == "length":
        return ModelAnswer(outcome=Outcome.TRUNCATED, detail="the model's limit cut the answer off")
    return ModelAnswer(outcome=Outcome.ANSWERED, text=text)
