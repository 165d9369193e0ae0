"""Definitions as they run: which version counts where, and its plan."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from lingqu.kernel.errors import NotFound

from ..engine.plan import Plan
from ..models import DefinitionVersion
from ..register import upwards
from ..types.graph import Graph
from ..types.words import VersionState


def graph_of(stored: Any) -> Graph:
    return msgspec.convert(stored, type=Graph)


def stored(graph: Graph) -> Any:
    """A graph as JSON values."""
    return msgspec.to_builtins(graph)


@lru_cache(maxsize=500)
def plan_of(version_id: UUID) -> Plan:
    """The plan of a published version, kept: a published version never changes."""
    return Plan(graph_of(DefinitionVersion.objects.values_list("graph", flat=True).get(id=version_id)))


@lru_cache(maxsize=500)
def header_of(version_id: UUID) -> tuple[str, str]:
    """Key and name of a published version."""
    key, name = DefinitionVersion.objects.values_list("key", "name").get(id=version_id)
    return str(key), str(name)


def find_version(key: str, path: str) -> DefinitionVersion | None:
    """The published version that counts at a place: the nearest organisation's upwards."""
    rows = DefinitionVersion.objects.filter(
        key=key, state=VersionState.PUBLISHED, organisation__path__in=upwards(path)
    ).defer("bpmn", "graph", "outline", "forms")
    return max(rows, key=lambda row: str(row.path).count("."), default=None)


def get_version(key: str, path: str) -> DefinitionVersion:
    found = find_version(key, path)
    if found is None:
        raise NotFound()
    return found
