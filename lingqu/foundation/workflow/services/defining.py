"""Versions of definitions: drafted, published, withdrawn, taken over by another place. A published one never changes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, clock
from lingqu.kernel.actor import Actor, covers, require
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, NotFound

from ..models import DefinitionVersion
from ..selectors.designs import organisations
from ..types import rights
from ..types.graph import Graph
from ..types.words import Origin, VersionState


@transaction.atomic
def create_draft(
    *, actor: Actor, organisation_id: UUID, key: str, name: str, summary: str = "", graph: Graph | None = None,
    bpmn: str = "", outline: Any = None, forms: Mapping[str, Any] | None = None,
    derived_from: DefinitionVersion | None = None, origin: str = "",
) -> DefinitionVersion:  # fmt: skip
    """A draft of a process at an organisation: the next version of its key there. One draft of a key at a time."""
    place = _place(actor, organisation_id)
    rows = DefinitionVersion.objects.filter(organisation=place, key=key)
    if rows.filter(state=VersionState.DRAFT).exists():
        raise Conflict(_("这个流程已经有一份草稿。"), code="draft_exists")
    last = rows.aggregate(last=Max("number"))["last"] or 0
    made = DefinitionVersion.objects.create(
        organisation=place, path=place.path, key=key, number=last + 1, name=name, summary=summary, bpmn=bpmn,
        graph=msgspec.to_builtins(graph) if graph else None, outline=outline, forms=dict(forms or {}), author=actor.name,
        derived_from=derived_from, origin=origin,
    )  # fmt: skip
    _trace(actor, "drafted", made, "c")
    return made


@transaction.atomic
def save_draft(
    *, actor: Actor, version_id: UUID, name: str, summary: str = "", graph: Graph | None, bpmn: str = "",
    outline: Any = None, forms: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Write a draft anew."""
    version = _locked(actor, version_id)
    _draft_only(version)
    version.name, version.summary, version.bpmn, version.outline = name, summary, bpmn, outline
    version.graph = msgspec.to_builtins(graph) if graph else None
    version.forms = dict(forms or {})
    version.save(update_fields=["name", "summary", "bpmn", "outline", "graph", "forms"])
    _trace(actor, "saved", version)


@transaction.atomic
def discard_draft(*, actor: Actor, version_id: UUID) -> None:
    version = _locked(actor, version_id)
    _draft_only(version)
    _trace(actor, "discarded", version, "d")
    version.delete()


@transaction.atomic
def publish(*, actor: Actor, version_id: UUID) -> DefinitionVersion:
    """Publish a draft that compiles: new cases run on it, running ones finish on theirs; the former version is withdrawn."""
    version = _locked(actor, version_id, rights.PUBLISH)
    _draft_only(version)
    if version.graph is None:
        raise Invalid(_("流程还没有画完，不能发布。"), code="no_graph")
    DefinitionVersion.objects.filter(
        organisation_id=version.organisation_id, key=version.key, state=VersionState.PUBLISHED
    ).update(state=VersionState.WITHDRAWN, withdrawn_at=clock.now())
    version.state, version.published_at, version.digest = VersionState.PUBLISHED, clock.now(), digest_of(version)
    version.audience = list(version.graph.get("audience", ()))
    version.save(update_fields=["state", "published_at", "digest", "audience"])
    _trace(actor, "published", version)
    return version


def digest_of(version: DefinitionVersion) -> str:
    """SHA-256 over what runs and what is shown."""
    parts = {"bpmn": version.bpmn, "graph": version.graph, "forms": version.forms}
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()


@transaction.atomic
def withdraw(*, actor: Actor, version_id: UUID) -> None:
    """No new cases; running ones finish."""
    version = _locked(actor, version_id, rights.PUBLISH)
    if version.state != VersionState.PUBLISHED:
        raise Conflict(_("只有已发布的版本可以停用。"), code="not_published")
    version.state, version.withdrawn_at = VersionState.WITHDRAWN, clock.now()
    version.save(update_fields=["state", "withdrawn_at"])
    _trace(actor, "withdrawn", version)


@transaction.atomic
def take_over(
    *, actor: Actor, version_id: UUID, organisation_id: UUID, origin: str = Origin.COPY, key: str = ""
) -> DefinitionVersion:
    """A draft made of a published version: the next one at the same place, a copy at another, or an extension there, which
    counts before the upper one and shows from which version it came."""
    source = DefinitionVersion.objects.filter(id=version_id).exclude(state=VersionState.DRAFT).first()
    place = _place(actor, organisation_id)
    if source is None or not covers(str(source.path), str(place.path)):
        raise Forbidden()
    made = create_draft(
        actor=actor, organisation_id=place.id, key=key or source.key, name=source.name, summary=source.summary,
        bpmn=source.bpmn, outline=source.outline, forms=source.forms, derived_from=source,
        origin=Origin.NEXT if source.organisation_id == place.id else origin,
    )  # fmt: skip
    made.graph = source.graph
    made.save(update_fields=["graph"])
    return made


def _locked(actor: Actor, version_id: UUID, code: str = rights.DEFINE) -> DefinitionVersion:
    found = DefinitionVersion.objects.select_for_update().filter(id=version_id).first()
    if found is None:
        raise NotFound()
    require(actor.holds(code, str(found.path)))
    return found


def _draft_only(version: DefinitionVersion) -> None:
    if version.state != VersionState.DRAFT:
        raise Conflict(_("已发布的版本不能修改，请另存为新版本。"), code="published")


def _place(actor: Actor, organisation_id: UUID) -> Any:
    place = organisations().filter(id=organisation_id, closed_on=None).first()
    if place is None:
        raise Forbidden()
    require(actor.holds(rights.DEFINE, str(place.path)))
    return place


def _trace(actor: Actor, action: str, version: DefinitionVersion, operation: str = "u") -> None:
    changes.log("workflow.definition", [version.id], operation)
    audit.record(
        actor, f"workflow.definition.{action}", subject_kind="workflow.definition", subject_id=version.id,
        path=str(version.path), data={"key": version.key, "number": version.number},
    )  # fmt: skip
