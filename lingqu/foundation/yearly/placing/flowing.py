"""How many of each kind one class gets, so that every count stays within one of an even share.

Sexes and bands are the two sides of a small network, a cell (sex, band) is an edge between them. An even share of every node
and edge is a flow; bounds rounded down and up are whole numbers, so a flow of whole numbers exists (Hoffman). Taking a
class away leaves shares between the same bounds, so all classes stay within one of each other (equitable edge colouring).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

Cell = tuple[str, int]
Edge = tuple[str, str]
Bounds = Callable[[int], tuple[int, int]]


def even(parts: int) -> Bounds:
    """Rounded down and up, of an even share."""
    return lambda count: (count // parts, -(-count // parts))


def weighted(part: int, whole: int) -> Bounds:
    """Rounded down and up, of ``part`` out of ``whole``."""
    return lambda count: (count * part // whole, -(-count * part // whole)) if whole else (0, 0)


def share_of(
    counts: Mapping[Cell, int], bounds: Bounds, order: Callable[[str], str], total: tuple[int, int] | None = None
) -> dict[Cell, int]:
    """Whole numbers for one share of ``counts``: each sex, band, cell and the total within its bounds."""
    sexes: dict[str, int] = {}
    bands: dict[int, int] = {}
    for (sex, band), count in counts.items():
        sexes[sex] = sexes.get(sex, 0) + count
        bands[band] = bands.get(band, 0) + count
    limits: dict[Edge, tuple[int, int]] = {("T", "S"): total or bounds(sum(counts.values()))}
    limits |= {("S", f"s{sex}"): bounds(count) for sex, count in sexes.items()}
    limits |= {(f"b{band}", "T"): bounds(count) for band, count in bands.items()}
    limits |= {(f"s{sex}", f"b{band}"): bounds(count) for (sex, band), count in counts.items()}
    flow = _circulation(limits, order)
    return {(sex, band): flow[f"s{sex}", f"b{band}"] for sex, band in counts}


def _circulation(limits: Mapping[Edge, tuple[int, int]], order: Callable[[str], str]) -> dict[Edge, int]:
    """A feasible circulation: lower bounds are sent from a super source to a super sink."""
    room: dict[Edge, int] = {}
    need = 0
    for (start, end), (low, high) in limits.items():
        room[start, end] = room.get((start, end), 0) + high - low
        room.setdefault((end, start), 0)
        for edge, amount in ((("+", end), low), ((start, "-"), low)):
            room[edge] = room.get(edge, 0) + amount
            room.setdefault((edge[1], edge[0]), 0)
        need += low
    ahead: dict[str, list[str]] = {}
    for start, end in room:
        ahead.setdefault(start, []).append(end)
    for ends in ahead.values():
        ends.sort(key=order)
    sent = 0
    while path := _path(room, ahead):
        amount = min(room[edge] for edge in path)
        for start, end in path:
            room[start, end] -= amount
            room[end, start] += amount
        sent += amount
    if sent != need:
        raise ArithmeticError("an even share is always a flow")
    return {(start, end): high - room[start, end] for (start, end), (_low, high) in limits.items()}


def _path(room: Mapping[Edge, int], ahead: Mapping[str, list[str]]) -> list[Edge]:
    """A shortest path with room from the super source to the super sink; empty when there is none."""
    came: dict[str, str] = {"+": ""}
    queue = ["+"]
    for node in queue:
        for following in ahead[node]:
            if following not in came and room[node, following] > 0:
                came[following] = node
                queue.append(following)
    if "-" not in came:
        return []
    path, node = [], "-"
    while came[node]:
        path.append((came[node], node))
        node = came[node]
    return path
