"""The entity graph as a drawing: speakers to the left, events in the middle, objects to the right.

Deterministic: the same graph is always drawn the same. Readable for up to some forty nodes; of more
the best linked are drawn and the rest is left to the table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from lightkeeper.incidents.brief.model import Edge, EntityGraph, Node

_COLUMNS: tuple[tuple[str, ...], ...] = (("person", "body"), ("event",), ("asset", "place"))
_BOX_W, _BOX_H, _GAP_X, _GAP_Y = 214.0, 34.0, 110.0, 12.0
_MARGIN_X, _MARGIN_Y, _HEAD = 46.0, 6.0, 24.0
_LINE_CHARS = 27
_SWEEPS = 6


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a node is drawn: its column and the middle of its box."""

    column: int
    x: float
    y: float


def keep_linked(graph: EntityGraph, n: int) -> EntityGraph:
    """The `n` nodes with most edges, and the edges between them."""
    if len(graph.nodes) <= n:
        return graph
    degree = {node.id: 0 for node in graph.nodes}
    for edge in graph.edges:
        degree[edge.source] += 1
        degree[edge.target] += 1
    kept = {x.id for x in sorted(graph.nodes, key=lambda x: (-degree[x.id], x.id))[:n]}
    return EntityGraph(
        nodes=tuple(x for x in graph.nodes if x.id in kept),
        edges=tuple(e for e in graph.edges if e.source in kept and e.target in kept),
    )


def draw(graph: EntityGraph, *, title: str, kinds: Mapping[str, str]) -> str:
    """Return the graph as an SVG element without script, its colours from the page.

    `kinds` are the words for the kinds of nodes; `title` is read out in place of the drawing.
    """
    columns = _arrange(graph)
    places = _positions(columns)
    height = max((p.y for p in places.values()), default=0.0) + _BOX_H / 2 + _MARGIN_Y
    used = [i for i, column in enumerate(columns) if column]
    width = 2 * _MARGIN_X + len(used) * _BOX_W + max(len(used) - 1, 0) * _GAP_X
    heads = [
        f'<text class="g-head" x="{_x(used, i) + _BOX_W / 2:.0f}" y="15" text-anchor="middle">'
        f"{escape(_heading(columns[i], kinds))}</text>"
        for i in used
    ]
    body = [_draw_edge(e, places) for e in graph.edges]
    body += [_draw_node(n, places[n.id], kinds) for n in graph.nodes]
    return (
        f'<svg class="graph" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-label="{escape(title)}" xmlns="http://www.w3.org/2000/svg">'
        f"<style>{_STYLE}</style>{''.join(heads)}{''.join(body)}</svg>"
    )


_STYLE = (
    ".graph text{font:12.5px system-ui,'Noto Sans','DejaVu Sans',sans-serif;fill:currentColor}"
    ".graph .g-head{font-size:11.5px;opacity:.75}"
    ".graph .g-box{fill:none;stroke:currentColor;stroke-width:1.2}"
    ".graph .g-event{stroke-width:2.4}.graph .g-place{stroke-dasharray:1 3;stroke-linecap:round;"
    "stroke-width:2}.graph .g-body{stroke-width:1.2}"
    ".graph .g-edge{fill:none;stroke:currentColor;stroke-width:1.1;opacity:.45}"
    ".graph .g-before{stroke-width:2;opacity:.7}.graph .g-unsure{stroke-dasharray:5 4}"
)


def _heading(column: Sequence[Node], kinds: Mapping[str, str]) -> str:
    present = dict.fromkeys(n.kind for n in column)
    return ", ".join(kinds.get(kind, kind) for kind in present)


def _arrange(graph: EntityGraph) -> list[list[Node]]:
    """Nodes by column, ordered so that few edges cross: by the mean place of their neighbours."""
    columns = [[n for kind in kinds for n in graph.nodes if n.kind == kind] for kinds in _COLUMNS]
    neighbours: dict[str, list[str]] = {n.id: [] for n in graph.nodes}
    for edge in graph.edges:
        neighbours[edge.source].append(edge.target)
        neighbours[edge.target].append(edge.source)
    for sweep in range(_SWEEPS):
        order = (0, 2, 1) if sweep % 2 else (1, 0, 2)
        for i in order:
            rank = {
                n.id: (row + 0.5) / len(column)
                for column in columns
                for row, n in enumerate(column)
            }
            columns[i].sort(key=lambda n: (_COLUMNS_RANK[n.kind], _mean(n.id, neighbours, rank)))
    return columns


_COLUMNS_RANK = {kind: i for kinds in _COLUMNS for i, kind in enumerate(kinds)}


def _mean(node: str, neighbours: Mapping[str, list[str]], rank: Mapping[str, float]) -> float:
    near = neighbours[node]
    return sum(rank[n] for n in near) / len(near) if near else rank[node]


def _x(used: Sequence[int], column: int) -> float:
    return _MARGIN_X + used.index(column) * (_BOX_W + _GAP_X)


def _positions(columns: Sequence[Sequence[Node]]) -> dict[str, _Place]:
    used = [i for i, column in enumerate(columns) if column]
    step = _BOX_H + _GAP_Y
    tallest = max((len(c) for c in columns), default=0) * step
    places: dict[str, _Place] = {}
    for i in used:
        # A short column is spread over the height of the tallest, but not without end.
        spread = min(tallest / len(columns[i]), 2.2 * step)
        top = _HEAD + (tallest - spread * len(columns[i])) / 2
        for row, node in enumerate(columns[i]):
            y = top + (row + 0.5) * spread
            places[node.id] = _Place(i, _x(used, i), y)
    return places


def _draw_node(node: Node, place: _Place, kinds: Mapping[str, str]) -> str:
    lines = _wrap(node.label)
    left, top = place.x, place.y - _BOX_H / 2
    radius = {"person": _BOX_H / 2, "body": 8.0, "event": 2.0, "asset": 2.0, "place": 8.0}
    box = (
        f'<rect class="g-box g-{node.kind}" x="{left:.0f}" y="{top:.1f}" width="{_BOX_W:.0f}" '
        f'height="{_BOX_H:.0f}" rx="{radius[node.kind]:.0f}"/>'
    )
    middle = left + _BOX_W / 2
    first = place.y + 4.5 - 7.0 * (len(lines) - 1)
    said = "".join(
        f'<text x="{middle:.0f}" y="{first + 14.0 * i:.1f}" text-anchor="middle">'
        f"{escape(line)}</text>"
        for i, line in enumerate(lines)
    )
    full = escape(f"{node.label} ({kinds.get(node.kind, node.kind)})")
    return f"<g><title>{full}</title>{box}{said}</g>"


def _wrap(label: str) -> list[str]:
    """One or two lines; what does not fit ends in a mark and stands in full in the title."""
    lines = [""]
    for word in label.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > _LINE_CHARS:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    if len(lines) > 2:
        lines = [lines[0], f"{lines[1]} …"]
    return [line if len(line) <= _LINE_CHARS + 2 else line[:_LINE_CHARS] + "…" for line in lines]


def _draw_edge(edge: Edge, places: Mapping[str, _Place]) -> str:
    a, b = places[edge.source], places[edge.target]
    if a.column == b.column:
        # Beside the column: to the left for speakers, to the right for the others.
        is_left = a.column == 0
        x = a.x if is_left else a.x + _BOX_W
        bow = min(14.0 + abs(a.y - b.y) / 5, _MARGIN_X - 4.0) * (-1 if is_left else 1)
        path = (
            f"M{x:.0f} {a.y:.1f}C{x + bow:.1f} {a.y:.1f} {x + bow:.1f} {b.y:.1f} {x:.0f} {b.y:.1f}"
        )
    else:
        left, right = (a, b) if a.x < b.x else (b, a)
        x1, x2 = left.x + _BOX_W, right.x
        bend = (x2 - x1) / 2
        path = (
            f"M{x1:.0f} {left.y:.1f}C{x1 + bend:.1f} {left.y:.1f} {x2 - bend:.1f} {right.y:.1f} "
            f"{x2:.0f} {right.y:.1f}"
        )
    unsure = "" if edge.is_certain else " g-unsure"
    return (
        f'<path class="g-edge g-{edge.kind}{unsure}" d="{path}">'
        f"<title>{escape(edge.label)}</title></path>"
    )
