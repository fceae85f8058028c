"""Frozen dataclasses to canonical JSON and back, typed, without code per class.

Canonical: keys sorted, no blanks, UTF-8 kept, no NaN. The same value always gives the same bytes,
so that digests over it mean something.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable
from functools import cache
from typing import TypeVar, cast

from pydantic import TypeAdapter

T = TypeVar("T")


_make_adapter = cache(TypeAdapter[object])


def _adapter(kind: type[T]) -> TypeAdapter[T]:
    # The cache cannot say that what comes out belongs to what went in, nor that types are hashable.
    return cast(TypeAdapter[T], _make_adapter(cast(Hashable, kind)))


def canonical_json(value: object) -> str:
    """JSON text of plain data, the same for equal values."""
    return json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )


def encode(value: object) -> str:
    """Canonical JSON of a dataclass.

    >>> from lightkeeper.claims.model import Span
    >>> encode(Span(start=0, end=2, text="так"))
    '{"end":2,"start":0,"text":"так"}'
    """
    return canonical_json(_adapter(type(value)).dump_python(value, mode="json"))


def decode(kind: type[T], text: str) -> T:
    """Read back what `encode` wrote; raises `pydantic.ValidationError` when it does not fit."""
    return _adapter(kind).validate_json(text)


def sha256_hex(text: str) -> str:
    """Digest of the text's UTF-8 bytes."""
    return hashlib.sha256(text.encode()).hexdigest()
