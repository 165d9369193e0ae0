"""Which form fields each step grants."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from ..engine.plan import Plan
from ..models import DefinitionVersion
from ..types.graph import Node
from .plans import plan_of

START = ""


@lru_cache(maxsize=500)
def start_fields(version_id: UUID) -> frozenset[str]:
    """Fields that an applicant fills in: those of the start form."""
    form = plan_of(version_id).graph.form
    forms = DefinitionVersion.objects.values_list("forms", flat=True).get(id=version_id)
    return frozenset(keys_of_form(forms.get(form))) if form else frozenset({"*"})


def keys_of_form(schema: object) -> list[str]:
    """Keys of the input fields of a form, groups opened."""
    found: list[str] = []
    parts = schema.get("components", []) if isinstance(schema, dict) else []
    for part in parts:
        if isinstance(part, dict):
            found += [part["key"]] if part.get("key") and part.get("type") not in ("group", "dynamiclist") else []
            if part.get("type") == "dynamiclist" and part.get("path"):
                found.append(str(part["path"]))
            elif part.get("components"):
                found += keys_of_form(part)
    return found


def readable(node: Node) -> frozenset[str]:
    """What whoever acts at a node may read."""
    return frozenset((*node.work.reads, *node.work.writes)) if node.work else frozenset()


def granted(version_id: UUID) -> dict[str, frozenset[str]]:
    """Readable fields by node; under the empty node those of the applicant."""
    plan: Plan = plan_of(version_id)
    return {node.id: readable(node) for node in plan.graph.nodes if node.work} | {START: start_fields(version_id)}
