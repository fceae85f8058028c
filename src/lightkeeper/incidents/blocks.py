"""Which accounts are worth comparing: an index by place, time and signature.

Dated accounts are looked up by place and time. One without a time is looked up by what two
retellings of one announcement share: two of origin, number and weapons, or the text itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from zlib import crc32

from lightkeeper.claims.model import SpeakerRole
from lightkeeper.incidents.accounts import Account, Scope
from lightkeeper.incidents.counts import is_told
from lightkeeper.incidents.model import IncidentId, ReconcileOptions
from lightkeeper.incidents.origins import OFFICIAL, kin_of
from lightkeeper.incidents.rewrites import quotes_of, shingles_of
from lightkeeper.incidents.sites import SiteKey, SiteTree
from lightkeeper.region import PlaceLevel
from lightkeeper.reports.model import Report

_BUCKET_S = 12 * 3600
_N_HASHES = 4
"""Two texts that share half of their runs of four words share one of four least hashes in 94 of 100
cases (Broder's min-wise hashing)."""
_PRIME = (1 << 61) - 1
_MULTIPLIERS = tuple(0x9E3779B97F4A7C15 * (2 * k + 1) % _PRIME for k in range(_N_HASHES))

Bucket = tuple[str, int]


Index = dict[int, list[IncidentId]]


@dataclass(slots=True)
class Blocks:
    """The index: dated accounts by place and twelve hours, all of them by signature.

    Keys are digests of 64 bits: of a hundred thousand reports there are a million of them.
    """

    dated: Index = field(default_factory=dict)
    by_signature: Index = field(default_factory=dict)
    undated_by_signature: Index = field(default_factory=dict)


def anchor(account: Account) -> datetime | None:
    """Instant by which an account is placed in time; None for an undated one."""
    return account.window.to_at if account.window is not None else account.as_of


def insert(blocks: Blocks, account: Account, tree: SiteTree) -> None:
    """Add an account to the index."""
    for bucket in set(_postings(account, tree)):
        _add(blocks.dated, _digest(bucket), account.id)
    for key in _signatures(account):
        _add(blocks.by_signature, key, account.id)
        if anchor(account) is None:
            _add(blocks.undated_by_signature, key, account.id)


def remove(blocks: Blocks, account: Account, tree: SiteTree) -> None:
    """Take an account out of the index."""
    for bucket in set(_postings(account, tree)):
        _discard(blocks.dated, _digest(bucket), account.id)
    for key in _signatures(account):
        _discard(blocks.by_signature, key, account.id)
        _discard(blocks.undated_by_signature, key, account.id)


def candidates(
    blocks: Blocks, account: Account, tree: SiteTree, options: ReconcileOptions
) -> set[IncidentId]:
    """Accounts worth comparing with one, itself perhaps among them.

    What is a candidate of what depends on the two accounts alone, so the order of arrival is no
    matter.
    """
    at = anchor(account)
    found: set[IncidentId] = set()
    if at is None:
        for key in _signatures(account):
            found.update(blocks.by_signature.get(key, ()))
        return found
    reach = timedelta(hours=options.follow_up_h + 2 * options.lookback_h)
    first, last = _bucket(at - reach), _bucket(at + reach)
    for name in _lookups(account, tree):
        for bucket in range(first, last + 1):
            found.update(blocks.dated.get(_digest((name, bucket)), ()))
    for key in _threads(account.report):  # an answer may name no place
        found.update(blocks.by_signature.get(key, ()))
    if blocks.undated_by_signature:
        for key in _signatures(account):
            found.update(blocks.undated_by_signature.get(key, ()))
    return found


def _add(index: Index, key: int, account: IncidentId) -> None:
    index.setdefault(key, []).append(account)


def _discard(index: Index, key: int, account: IncidentId) -> None:
    held = index.get(key, [])
    if account in held:
        held.remove(account)
    if not held:
        index.pop(key, None)


def _digest(key: str | Bucket) -> int:
    words = key if isinstance(key, str) else f"{key[0]} {key[1]}"
    return int.from_bytes(blake2b(words.encode(), digest_size=8).digest(), "little")


def _bucket(at: datetime) -> int:
    return int(at.timestamp() // _BUCKET_S)


def _postings(account: Account, tree: SiteTree) -> Iterator[Bucket]:
    """Where a dated account is found: its raions, its oblasts, and as wide where it names no finer
    place than an oblast."""
    at = anchor(account)
    if at is None:
        return
    bucket = _bucket(at)
    if account.scope is not Scope.LOCAL:
        yield account.scope, bucket
        return
    for site in raions_of(account, tree):
        yield ("wide " if _is_wide(site, tree) else "") + site, bucket
    for oblast in account.oblasts:
        yield f"in {oblast}", bucket


def _lookups(account: Account, tree: SiteTree) -> Iterator[str]:
    """Where to look for accounts that a dated one may match."""
    if account.scope is not Scope.LOCAL:
        yield account.scope
        return
    for site in raions_of(account, tree):
        yield f"in {site}" if _is_wide(site, tree) else site
    for oblast in account.oblasts:
        yield f"wide {oblast}"


def raions_of(account: Account, tree: SiteTree) -> set[SiteKey]:
    """Raions of an account's sites; a site that lies in none stands for itself."""
    return {tree.up(s, PlaceLevel.RAION) or s for s in account.sites}


def _is_wide(site: SiteKey, tree: SiteTree) -> bool:
    return tree.level(site) is PlaceLevel.OBLAST


def _signatures(account: Account) -> set[int]:
    """Keys that two retellings share: two of origin, number and weapons, an answer, or the text."""
    return _threads(account.report) | {_digest(key) for key in _signature_words(account)}


def _threads(report: Report) -> set[int]:
    """Keys of a post and of the one that it answers, in its channel."""
    return {
        _digest(f"item {report.source} {report.channel} {item}")
        for item in (report.item, report.reply_to)
        if item is not None
    }


def _signature_words(account: Account) -> Iterator[str]:
    where = sorted(account.oblasts) if account.scope is Scope.LOCAL else [account.scope.value]
    roles = set(account.origins)
    if account.author.role in OFFICIAL:
        roles.add(account.author.role)
    origins = sorted({kin_of(role) for role in roles - {SpeakerRole.OFFICIALS}})
    names = sorted(account.origin_names)
    numbers = sorted({f"{k} {n.min} {n.best} {n.max}" for k, n in account.counts if is_told(n)})
    weapons = " ".join(sorted(account.weapons))
    for place in where or [""]:
        for origin in (*origins, *names):
            yield from (f"{place}|{origin}|{number}" for number in numbers)
            if len(account.weapons) > 1:  # one weapon is told of every other night
                yield f"{place}|{origin}|{weapons}"
        if weapons:
            yield from (f"{place}|{number}|{weapons}" for number in numbers)
    for quote in quotes_of(account.report.text):
        yield f"quote {quote}"
    yield from least_hashes(account.report.text)


def least_hashes(text: str) -> list[str]:
    """Keys that two texts of nearly the same words are likely to share."""
    hashes = [crc32(s.encode()) for s in shingles_of(text)]
    if not hashes:
        return []
    return [
        f"text {k} {min((h * multiplier + k) % _PRIME for h in hashes)}"
        for k, multiplier in enumerate(_MULTIPLIERS)
    ]
