"""Drafts of processes: written step by step, imported, copied, extended; and published as a version that never changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from lingqu.kernel import audit, clock
from lingqu.kernel.actor import Actor, covers, require
from lingqu.kernel.errors import Conflict, Invalid, NotFound

from ..definition import document as documents
from ..definition.compiler import Compiler
from ..definition.design import Design, DesignStep, faults_of, merged
from ..definition.drawing import design_of, drawn_of, written_with
from ..definition.extensions import forms_of, settings_of
from ..definition.linter import lint
from ..forms import schema as schemas
from ..models import DefinitionVersion
from ..selectors import designs
from ..types import rights
from ..types.words import Origin, VersionState

LONGEST_NAME = 60


@transaction.atomic
def create_draft(*, actor: Actor, organisation: Any, name: str, key: str = "") -> UUID:
    """An empty design of an organisation. Raises :class:`Conflict` when it has a process with this key."""
    require(actor.holds(rights.DEFINE, str(organisation.path)))
    name = _named(name)
    key = key or designs.free_key(organisation.id, name)
    design = Design(key=key, name=name, form=schemas.Form(key="form"))
    return _new_draft(actor, organisation, design, drawn_of(design)).id


@transaction.atomic
def import_file(*, actor: Actor, organisation: Any, content: bytes) -> UUID:
    """A draft from a BPMN file; whatever other tools put into it stays. It need not run yet: the check says what is missing."""
    require(actor.holds(rights.DEFINE, str(organisation.path)))
    document = documents.drawn(documents.read(content))
    process = document.main_process()
    settings = settings_of(process) if process is not None else None
    name = (settings.name if settings else "") or _("导入的流程")
    key = designs.free_key(organisation.id, (settings.key if settings else "") or name)
    if process is not None:
        document = written_with(document, key=key, name=name)
    return _new_draft(actor, organisation, design_of(document), document, key=key, name=name[:LONGEST_NAME]).id


@transaction.atomic
def change(*, actor: Actor, version_id: UUID, how: Callable[[Design], Design]) -> Design:
    """Apply a change to the design of a draft. Raises :class:`Conflict` for what is published or was drawn elsewhere."""
    version = _locked(actor, version_id, rights.DEFINE)
    _require_draft(version)
    design = designs.design_of_version(version)
    if design is None:
        raise Conflict(_("这个流程是用其他工具画的，只能导出修改后再导入。"), code="drawn_elsewhere")
    changed = how(design)
    _write(version, changed, drawn_of(_whole(version, changed)))
    version.save()
    audit.record(
        actor, "workflow.definition.changed", subject_kind="workflow.definition", subject_id=version.id, path=str(version.path)
    )
    return changed


@transaction.atomic
def replace_file(*, actor: Actor, version_id: UUID, content: bytes) -> None:
    """Another file for a draft, as it comes back from another tool."""
    version = _locked(actor, version_id, rights.DEFINE)
    _require_draft(version)
    document = documents.drawn(documents.read(content))
    if document.main_process() is not None:
        document = written_with(document, key=version.key, name=version.name)
    _write(version, design_of(document), document)
    version.save()
    audit.record(
        actor, "workflow.definition.changed", subject_kind="workflow.definition", subject_id=version.id, path=str(version.path)
    )


@transaction.atomic
def discard_draft(*, actor: Actor, version_id: UUID) -> None:
    version = _locked(actor, version_id, rights.DEFINE)
    _require_draft(version)
    audit.record(
        actor, "workflow.definition.discarded", subject_kind="workflow.definition", subject_id=version.id, path=str(version.path)
    )
    version.delete()


@transaction.atomic
def publish(*, actor: Actor, version_id: UUID) -> None:
    """Make a clean draft the version in force; the one before it is withdrawn, and its cases finish on it.

    Raises :class:`Invalid` with the sentences of the linter.
    """
    version = _locked(actor, version_id, rights.PUBLISH)
    _require_draft(version)
    design = designs.design_of_version(version)
    if design is not None and version.origin == Origin.EXTENSION:
        _write(version, design, drawn_of(_whole(version, design)))
    found = problems_of(version)
    if found:
        raise Invalid(_("还有 %(n)d 处要改：%(first)s") % {"n": len(found), "first": found[0][1]}, code="not_clean")
    document = documents.read(version.bpmn.encode())
    version.graph = msgspec.to_builtins(Compiler(document, designs.known_at(version)).graph())
    DefinitionVersion.objects.filter(
        organisation_id=version.organisation_id, key=version.key, state=VersionState.PUBLISHED
    ).update(state=VersionState.WITHDRAWN, withdrawn_at=clock.now())
    whole = msgspec.json.encode([version.bpmn, version.graph, version.forms], order="sorted")
    version.digest = hashlib.sha256(whole).hexdigest()
    version.state, version.published_at = VersionState.PUBLISHED, clock.now()
    version.save()
    audit.record(
        actor, "workflow.definition.published", subject_kind="workflow.definition", subject_id=version.id,
        path=str(version.path), data={"key": version.key, "number": version.number},
    )  # fmt: skip


@transaction.atomic
def withdraw(*, actor: Actor, version_id: UUID) -> None:
    """No new cases; running ones finish."""
    version = _locked(actor, version_id, rights.PUBLISH)
    if version.state != VersionState.PUBLISHED:
        raise Conflict(_("只有已发布的流程可以停用。"), code="not_published")
    version.state, version.withdrawn_at = VersionState.WITHDRAWN, clock.now()
    version.save(update_fields=["state", "withdrawn_at"])
    audit.record(
        actor, "workflow.definition.withdrawn", subject_kind="workflow.definition", subject_id=version.id, path=str(version.path)
    )


@transaction.atomic
def draft_from(*, actor: Actor, version_id: UUID, organisation: Any, origin: Origin) -> UUID:
    """A draft made of a published version: the next one of the same organisation, a copy at another, or an extension.

    Published processes of the own organisation and of those above it may be taken.
    """
    require(actor.holds(rights.DEFINE, str(organisation.path)))
    former = DefinitionVersion.objects.filter(id=version_id).exclude(state=VersionState.DRAFT).first()
    if former is None or not covers(str(former.path), str(organisation.path)):
        raise NotFound()
    is_next = former.organisation_id == organisation.id
    if is_next != (origin is Origin.NEXT):
        raise Conflict(_("同一单位的流程只能做新版本，上级的流程才能复制或扩展。"), code="wrong_origin")
    open_draft = DefinitionVersion.objects.filter(organisation=organisation, key=former.key, state=VersionState.DRAFT).first()
    if open_draft is not None and is_next:
        return open_draft.id
    document = documents.read(former.bpmn.encode())
    design = designs.design_of_version(former)
    key = former.key if is_next else designs.free_key(organisation.id, former.key)
    if origin is Origin.EXTENSION:
        if design is None:
            raise Conflict(_("这个流程是用其他工具画的，不能扩展，只能复制。"), code="drawn_elsewhere")
        design = Design(key=key, name=former.name, base=former.key, form=schemas.Form(key=design.form.key))
        document = drawn_of(merged(designs.design_of_version(former) or design, design))
    elif design is not None:
        design = replace(design, key=key)
        document = drawn_of(design)
    else:
        document = written_with(document, key=key, name=former.name)
    made = _new_draft(actor, organisation, design, document, key=key, name=former.name, former=former, origin=origin)
    return made.id


def problems_of(version: DefinitionVersion) -> list[tuple[str, str]]:
    """(element or step id, sentence): what keeps a version from being published, in the designer's words where it has them."""
    design = designs.design_of_version(version)
    own = list(faults_of(_whole(version, design))) if design is not None else []
    if own:
        return own
    found = lint(documents.read(version.bpmn.encode()), designs.known_at(version))
    return [(one.element_id, one.sentence) for one in found]


def _whole(version: DefinitionVersion, design: Design) -> Design:
    """With what an extension inherits."""
    if version.origin != Origin.EXTENSION or version.derived_from is None:
        return design
    base = designs.design_of_version(designs.in_force(version.derived_from))
    return merged(base, design) if base is not None else design


def _new_draft(
    actor: Actor, organisation: Any, design: Design | None, document: documents.Document, *, key: str = "", name: str = "",
    former: DefinitionVersion | None = None, origin: Origin | str = "",
) -> DefinitionVersion:  # fmt: skip
    key = key or (design.key if design else "")
    taken = DefinitionVersion.objects.filter(organisation=organisation, key=key)
    if origin is not Origin.NEXT and taken.exists():
        raise Conflict(_("本单位已经有代码为 %(key)s 的流程。") % {"key": key}, code="key_taken")
    last = taken.aggregate(last=Max("number"))["last"] or 0
    version = DefinitionVersion(
        organisation=organisation, path=organisation.path, key=key, number=last + 1, name=name or (design.name if design else key),
        origin=origin, derived_from=former, author=actor.name,
    )  # fmt: skip
    _write(version, design, document)
    version.save(force_insert=True)
    audit.record(
        actor, "workflow.definition.drafted", subject_kind="workflow.definition", subject_id=version.id, path=str(version.path),
        data={"key": key},
    )  # fmt: skip
    return version


def _write(version: DefinitionVersion, design: Design | None, document: documents.Document) -> None:
    version.bpmn = document.write().decode()
    version.outline = msgspec.to_builtins(design) if design is not None else None
    process = document.main_process()
    version.forms = forms_of(process) if process is not None else {}
    if design is not None:
        version.name = design.name[:LONGEST_NAME]


def _locked(actor: Actor, version_id: UUID, code: str) -> DefinitionVersion:
    found = DefinitionVersion.objects.select_for_update().filter(id=version_id).first()
    if found is None:
        raise NotFound()
    require(actor.holds(code, str(found.path)))
    return found


def _require_draft(version: DefinitionVersion) -> None:
    if version.state != VersionState.DRAFT:
        raise Conflict(_("已发布的流程不能改；请做一个新版本。"), code="not_draft")


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid(_("请给流程起一个不超过 %(n)d 个字的名称。") % {"n": LONGEST_NAME}, code="name")
    return name


def with_step(design: Design, step: DesignStep) -> Design:
    """The design with a step in its place, or at the end when it is new."""
    if design.find(step.id) is None:
        return replace(design, steps=(*design.steps, step))
    return replace(design, steps=tuple(step if one.id == step.id else one for one in design.steps))


def with_field(design: Design, field: schemas.Field, former_key: str = "") -> Design:
    """The design with a field in its place, or at the end; a key that changed is followed in the steps."""
    known = [one.key or one.label for one in design.form.fields]
    name = former_key or field.key or field.label
    if name in known:
        fields = tuple(field if (one.key or one.label) == name else one for one in design.form.fields)
    else:
        fields = (*design.form.fields, field)
    form = schemas.read(schemas.write(schemas.Form(key=design.form.key, fields=fields)), design.form.key)
    return replace(design, form=form)


def without(design: Design, *, step: str = "", field: str = "") -> Design:
    """Without a step or a field; grants and conditions that name the field go with it."""
    if step:
        return replace(design, steps=tuple(one for one in design.steps if one.id != step))
    fields = tuple(one for one in design.form.fields if (one.key or one.label) != field)
    steps = tuple(
        replace(
            one, writes=tuple(key for key in one.writes if key != field), hides=tuple(key for key in one.hides if key != field),
            only_if=tuple(rule for rule in one.only_if if rule.key != field),
        )
        for one in design.steps
    )  # fmt: skip
    return replace(design, form=schemas.Form(key=design.form.key, fields=fields), steps=steps)


def moved(design: Design, *, by: int, step: str = "", field: str = "") -> Design:
    """A step or a field one place up (-1) or down (1)."""
    if step:
        return replace(design, steps=_moved(design.steps, [one.id for one in design.steps], step, by))
    names = [one.key or one.label for one in design.form.fields]
    return replace(design, form=schemas.Form(key=design.form.key, fields=_moved(design.form.fields, names, field, by)))


def _moved(items: tuple[Any, ...], names: list[str], name: str, by: int) -> tuple[Any, ...]:
    if name not in names:
        raise NotFound()
    place = names.index(name)
    other = place + (1 if by > 0 else -1)
    if not 0 <= other < len(items):
        return items
    found = list(items)
    found[place], found[other] = found[other], found[place]
    return tuple(found)
