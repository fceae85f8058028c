"""Evaluate the reconciling of reports on a set, and export the incidents found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from lightkeeper.claims import Claim, extract
from lightkeeper.claims.evaluate import Item, read_set
from lightkeeper.errors import InputError
from lightkeeper.incidents import Reconciliation, reconcile
from lightkeeper.incidents.model import ChannelKind, ReconcileOptions
from lightkeeper.incidents.neutral import home_of, neutral_incidents
from lightkeeper.incidents.score import GroupingScore, score_groups
from lightkeeper.operations.workspace import Progress, no_progress
from lightkeeper.region import load_gazetteer
from lightkeeper.reports import MediaType, Report, read_path
from lightkeeper.reports.model import ReportId

CHANNEL_KINDS = {
    "alert_bot": ChannelKind.ALERT_RELAY,
    "city_admin": ChannelKind.CITY_ADMINISTRATION,
    "raion_admin": ChannelKind.RAION_ADMINISTRATION,
    "oblast_admin": ChannelKind.OBLAST_ADMINISTRATION,
    "mayor": ChannelKind.MAYOR,
    "dso": ChannelKind.DISTRIBUTION_OPERATOR,
    "tso": ChannelKind.SYSTEM_OPERATOR,
    "ministry": ChannelKind.GOVERNMENT,
    "regulator": ChannelKind.GOVERNMENT,
    "emergency": ChannelKind.EMERGENCY_SERVICE,
    "air_force": ChannelKind.MILITARY,
    "military": ChannelKind.MILITARY,
    "prosecutor": ChannelKind.OFFICIALS,
    "railway": ChannelKind.OFFICIALS,
    "monitoring": ChannelKind.WATCHERS,
    "aggregator": ChannelKind.NEWS,
    "news_rewrite": ChannelKind.NEWS,
}
"""Types of channels in annotated sets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentsEvaluation:
    """What was found on a set, and how it compares with the gold, if one was given.

    `n_sources_right` is of the gold's `n_incidents`; of `n_must_stay_apart` pairs `merged_wrongly`
    names those that were merged.
    """

    n_reports: int
    n_found: int
    score: GroupingScore | None
    n_incidents: int
    n_sources_right: int
    wrong_sources: tuple[str, ...]
    n_must_stay_apart: int
    merged_wrongly: tuple[str, ...]
    exported: Path | None


def evaluate_incidents(
    paths: Sequence[Path],
    *,
    gold: Path | None = None,
    export: Path | None = None,
    use_channel_types: bool = True,
    progress: Progress = no_progress,
) -> IncidentsEvaluation:
    """Read every report of the sets named, reconcile them, and compare the incidents with the gold.

    Parameters
    ----------
    paths
        JSON Lines files of posts; any other file, or a folder of them, is read as reports whose ids
        are the files' names.
    gold
        Incidents of the set, as YAML or JSON.
    use_channel_types
        Take the set's word for who speaks in a channel; otherwise only the channel's name counts.

    Raises
    ------
    InputError
        A path is missing, a line is of no known layout, or the export cannot be written.
    """
    posts = [post for path in paths for post in read_posts(path)]
    gazetteer = load_gazetteer()
    claims: list[Claim] = []
    for i, post in enumerate(posts):
        progress("reading reports", i / max(len(posts), 1))
        report = post.report if use_channel_types else replace(post.report, speaks_for=None)
        claims += extract(report, gazetteer)
    channels = {p.report.channel: p.kind for p in posts if p.report.channel and p.kind}
    options = ReconcileOptions(channels=channels if use_channel_types else {})
    found = reconcile(claims, [p.report for p in posts], gazetteer, options=options)
    names = {p.report.id: p.id for p in posts}
    lines = neutral_incidents(found, names, gazetteer)
    if export is not None:
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        try:
            export.write_text(text, encoding="utf-8")
        except OSError as error:
            raise InputError(f'"{export}" cannot be written: {error.strerror}') from error
    return _compare(found, names, None if gold is None else read_gold(gold), export)


@dataclass(frozen=True, slots=True)
class SetPost:
    """A report of a set; `kind` is who the set says speaks in its channel."""

    id: str
    report: Report
    kind: ChannelKind | None


def read_posts(path: Path) -> list[SetPost]:
    """Posts of an annotated set, or reports of a file or folder, with the ids of the set."""
    if path.suffix != ".jsonl":
        files = sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else [path]
        return [SetPost(f.name, report, None) for f in files for report in read_path(f)]
    try:
        lines = [x for x in path.read_text("utf-8").splitlines() if x.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f'"{path}" cannot be read: {error}') from error
    items = read_set(lines, path.name)
    rows = [json.loads(line) for line in lines]
    origin = {str(r.get("id")): str(r["edited_of"]) for r in rows if r.get("edited_of")}
    return [_post(item, row, origin) for item, row in zip(items, rows, strict=True)]


def _post(item: Item, row: Mapping[str, object], origin: Mapping[str, str]) -> SetPost:
    """A post of a set as its channel shows it; versions of one post have one item."""
    report = item.report
    if report.channel is not None:
        first = item.id
        while first in origin:
            first = origin[first]
        is_edited = first != item.id
        posted = row.get("posted_at")
        reply = report.reply_to
        while reply is not None and reply in origin:
            reply = origin[reply]
        report = replace(
            report,
            media_type=MediaType.TELEGRAM,
            item=first,
            reply_to=reply,
            is_edited=is_edited,
            edited_at=datetime.fromisoformat(str(posted)) if is_edited and posted else None,
        )
    return SetPost(item.id, report, CHANNEL_KINDS.get(str(row.get("channel_type"))))


def read_gold(path: Path) -> Mapping[str, object]:
    """Read gold incidents, YAML or JSON.

    Raises
    ------
    InputError
        The file is missing or no such gold, or YAML is given and cannot be read here.
    """
    try:
        text = path.read_text("utf-8")
        if path.suffix == ".json":
            held = json.loads(text)
        else:
            import yaml  # type: ignore[import-untyped]

            held = yaml.safe_load(text)
    except ImportError as error:
        raise InputError(f'"{path}" is YAML; install PyYAML, or give it as JSON') from error
    except (OSError, ValueError) as error:
        raise InputError(f'"{path}" cannot be read: {error}') from error
    if not isinstance(held, dict) or not isinstance(held.get("incidents"), list):
        raise InputError(f'"{path}" has no list of incidents; give the gold of the set')
    return held


def _compare(
    found: Reconciliation,
    names: Mapping[ReportId, str],
    gold: Mapping[str, object] | None,
    export: Path | None,
) -> IncidentsEvaluation:
    home = {names[report]: incident for report, incident in home_of(found).items()}
    groups: dict[str, set[str]] = {}
    for name, incident in home.items():
        groups.setdefault(incident, set()).add(name)
    sources = {i.id: i.n_independent_sources for i in found.incidents}
    wanted = _entries(gold, "incidents")
    true = [frozenset(_names(w.get("posts") or w.get("reports"))) for w in wanted]
    alone = set(names.values()) - frozenset().union(*true)
    score = score_groups([*true, *({n} for n in alone)], groups.values()) if gold else None
    wrong: list[str] = []
    for entry, members in zip(wanted, true, strict=True):
        best = max(groups, key=lambda g: (_likeness(groups[g], members), g), default=None)
        said = sources[best] if best in sources and groups[best] & members else None  # type: ignore[index]
        right = entry.get("independent_sources", entry.get("independent_root_sources"))
        if str(said) != str(right):
            wrong.append(f"{entry.get('id')}: {said} instead of {right}")
    pairs = [
        (a, b)
        for item in _entries(gold, "must_not_merge")
        for a, b in (_names(p) for p in item.get("posts") or [] if len(_names(p)) == 2)
    ]
    merged = [f"{a} {b}" for a, b in pairs if a in home and home.get(a) == home.get(b)]
    return IncidentsEvaluation(
        n_reports=len(names),
        n_found=len(found.incidents),
        score=score,
        n_incidents=len(wanted),
        n_sources_right=len(wanted) - len(wrong),
        wrong_sources=tuple(wrong),
        n_must_stay_apart=len(pairs),
        merged_wrongly=tuple(merged),
        exported=export,
    )


def _likeness(group: set[str], members: frozenset[str]) -> float:
    return 2.0 * len(group & members) / (len(group) + len(members))


def _entries(gold: Mapping[str, object] | None, key: str) -> list[dict[str, list[object]]]:
    held = (gold or {}).get(key)
    return [e for e in held if isinstance(e, dict)] if isinstance(held, list) else []


def _names(value: object) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list) else []
