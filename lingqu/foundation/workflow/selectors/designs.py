"""Definitions as their authors see them: own ones, those above to take from, and what exists around them."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import msgspec
from pypinyin import Style, lazy_pinyin

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import NotFound
from lingqu.kernel.pages import Page, page_of

from ..definition.design import Design
from ..definition.known import Known
from ..models import DefinitionVersion
from ..types import rights
from ..types.handlers import HANDLERS
from ..types.words import VersionState

MOST_ABOVE = 100
EDIT = (rights.DEFINE, rights.PUBLISH)


def organisations() -> Any:
    """Manager of Organisation, reached through our own key."""
    model: Any = DefinitionVersion._meta.get_field("organisation").related_model
    return model.objects


def homes_of(actor: Actor) -> list[Any]:
    """Organisations for which the actor may draft: those at which the right is held, not the whole subtree."""
    return list(
        organisations().filter(path__in=actor.paths(rights.DEFINE), closed_on=None).order_by("path")[:MOST_ABOVE]
    )


def home_of(actor: Actor, code: str) -> Any:
    """One of them by its code; the only one for an empty code."""
    found = homes_of(actor)
    if code:
        found = [one for one in found if one.code == code]
    if not found:
        raise NotFound()
    return found[0]


def get_version(actor: Actor, version_id: UUID, *, is_locked: bool = False) -> DefinitionVersion:
    """A version for its authors."""
    rows = DefinitionVersion.objects.select_related("organisation", "derived_from")
    if is_locked:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(id=version_id).first()
    if found is None:
        raise NotFound()
    require(any(actor.holds(code, str(found.path)) for code in EDIT))
    return found


def get_published(version_id: UUID, path: str) -> DefinitionVersion:
    """A version that may be taken over at a place: one of the same organisation or of those above it."""
    found = (
        DefinitionVersion.objects.filter(id=version_id, path__in=line_of(path))
        .exclude(state=VersionState.DRAFT)
        .first()
    )
    if found is None:
        raise NotFound()
    return found


def list_own(actor: Actor, cursor: str = "") -> Page[DefinitionVersion]:
    """Versions of the places where the actor drafts: drafts and those in force, newest first."""
    rows = (
        DefinitionVersion.objects.select_related("organisation").defer("bpmn", "graph", "outline", "forms")
        .filter(organisation__in=[one.id for one in homes_of(actor)])
        .exclude(state=VersionState.WITHDRAWN)
    )  # fmt: skip
    return page_of(rows, order=("-id",), cursor=cursor)


def list_above(organisation: Any) -> list[DefinitionVersion]:
    """Published processes of the organisations above, which may be copied or extended."""
    above = line_of(str(organisation.path))[:-1]
    rows = DefinitionVersion.objects.select_related("organisation").defer("bpmn", "graph", "forms")
    return list(rows.filter(path__in=above, state=VersionState.PUBLISHED).order_by("name", "id")[:MOST_ABOVE])


def line_of(path: str) -> list[str]:
    """The paths from the root down to a place, itself last."""
    parts = path.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts) + 1)]


def in_force(version: DefinitionVersion) -> DefinitionVersion:
    """The published version of the same process; the given one when there is none."""
    found = DefinitionVersion.objects.filter(
        organisation_id=version.organisation_id, key=version.key, state=VersionState.PUBLISHED
    ).first()
    return found or version


def design_of_version(version: DefinitionVersion) -> Design | None:
    """The design; None for what was drawn elsewhere."""
    return msgspec.convert(version.outline, Design) if version.outline else None


def free_key(organisation_id: UUID, name: str) -> str:
    """A key of ASCII letters from a name, not yet used there: ``qing_jia``, ``qing_jia_2``."""
    spelled = "_".join(lazy_pinyin(name, style=Style.NORMAL, errors="ignore")) if not name.isascii() else name
    base = re.sub(r"[^a-z0-9]+", "_", spelled.lower()).strip("_")[:34] or "process"
    base = base if base[0].isalpha() else f"p_{base}"[:34]
    taken = set(
        DefinitionVersion.objects.filter(organisation_id=organisation_id, key__startswith=base).values_list(
            "key", flat=True
        )
    )
    return next(key for n in range(1, len(taken) + 2) if (key := base if n == 1 else f"{base}_{n}") not in taken)


def known_at(version: DefinitionVersion) -> Known:
    """What a definition of this place may name: kinds of posts, and published processes here and above."""
    rows = DefinitionVersion.objects.filter(state=VersionState.PUBLISHED, path__in=line_of(str(version.path)))
    posts = frozenset(code for code, _name in registry.post_kinds("region"))
    return Known(
        handlers=frozenset(HANDLERS), posts=posts or None, definitions=frozenset(rows.values_list("key", flat=True))
    )
