"""The simple designer's drafts: written step by step, imported, copied, extended; checked before they are published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor
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
from ..types.words import Audience, Origin, VersionState
from . import defining

LONGEST_NAME = 60


@transaction.atomic
def create_draft(*, actor: Actor, organisation: Any, name: str) -> UUID:
    """An empty design of an organisation."""
    name = _named(name)
    design = Design(
        key=designs.free_key(organisation.id, name), name=name, form=schemas.Form(key="form"), audience=(Audience.STAFF.value,)
    )  # fmt: skip
    return _drafted(actor, organisation, design, drawn_of(design)).id


@transaction.atomic
def install(*, actor: Actor, organisation: Any, design: Design) -> UUID:
    """Put a design in force at an organisation, as a module ships it; the same one again changes nothing.

    Raises :class:`Invalid` with what keeps it from running.
    """
    rows = DefinitionVersion.objects.filter(organisation=organisation, key=design.key)
    document = drawn_of(design)
    published = rows.filter(state=VersionState.PUBLISHED).first()
    if published is not None and published.bpmn == document.write().decode():
        return published.id
    draft = rows.filter(state=VersionState.DRAFT).first()
    if draft is not None:
        raise Conflict(_("这个流程已经有一份草稿。"), code="draft_exists")
    made = _drafted(actor, organisation, design, document)
    publish(actor=actor, version_id=made.id)
    return made.id


@transaction.atomic
def import_file(*, actor: Actor, organisation: Any, content: bytes) -> UUID:
    """A draft from a BPMN file; whatever other tools put into it stays. It need not run yet: the check says what is missing."""
    document = documents.drawn(documents.read(content))
    process = document.main_process()
    settings = settings_of(process) if process is not None else None
    name = ((settings.name if settings else "") or _("导入的流程"))[:LONGEST_NAME]
    key = designs.free_key(organisation.id, (settings.key if settings else "") or name)
    design = design_of(document)
    if design is not None:
        design = replace(design, key=key)
        document = drawn_of(design)
    elif process is not None:
        document = written_with(document, key=key, name=name)
    return _drafted(actor, organisation, design, document, key=key, name=name).id


@transaction.atomic
def change(*, actor: Actor, version_id: UUID, how: Callable[[Design], Design]) -> Design:
    """Apply a change to the design of a draft. Raises :class:`Conflict` for what is published or was drawn elsewhere."""
    version = designs.get_version(actor, version_id, is_locked=True)
    design = designs.design_of_version(version)
    if design is None:
        raise Conflict(_("这个流程是用其他工具画的，只能导出修改后再导入。"), code="drawn_elsewhere")
    changed = how(design)
    _save(actor, version, changed, drawn_of(whole_of(version, changed)))
    return changed


@transaction.atomic
def replace_file(*, actor: Actor, version_id: UUID, content: bytes) -> None:
    """Another file for a draft, as it comes back from another tool."""
    version = designs.get_version(actor, version_id, is_locked=True)
    document = documents.drawn(documents.read(content))
    if document.main_process() is not None:
        document = written_with(document, key=version.key, name=version.name)
    _save(actor, version, design_of(document), document)


@transaction.atomic
def publish(*, actor: Actor, version_id: UUID) -> None:
    """Publish a draft whose check finds nothing. Raises :class:`Invalid` with the first sentence of the check."""
    version = designs.get_version(actor, version_id, is_locked=True)
    design = designs.design_of_version(version)
    if version.state == VersionState.DRAFT and version.origin == Origin.EXTENSION and design is not None:
        _save(actor, version, design, drawn_of(whole_of(version, design)))
        version.refresh_from_db()
    found = problems_of(version)
    if found:
        raise Invalid(_("还有 %(n)d 处要改：%(first)s") % {"n": len(found), "first": found[0][1]}, code="not_clean")
    defining.publish(actor=actor, version_id=version_id)


@transaction.atomic
def draft_from(*, actor: Actor, version_id: UUID, organisation: Any, origin: Origin) -> UUID:
    """A draft made of a published version: the next one of the same organisation, a copy at another, or an extension.

    A next version that is already being drafted is the answer.
    """
    former = designs.get_published(version_id, str(organisation.path))
    is_next = former.organisation_id == organisation.id
    if is_next != (origin is Origin.NEXT):
        raise Conflict(_("同一单位的流程只能做新版本，上级的流程才能复制或扩展。"), code="wrong_origin")
    open_draft = DefinitionVersion.objects.filter(
        organisation=organisation, key=former.key, state=VersionState.DRAFT
    ).first()
    if open_draft is not None:
        return open_draft.id
    design = designs.design_of_version(former)
    made = defining.take_over(actor=actor, version_id=version_id, organisation_id=organisation.id, origin=origin)
    if origin is Origin.EXTENSION:
        if design is None:
            raise Conflict(_("这个流程是用其他工具画的，不能扩展，只能复制。"), code="drawn_elsewhere")
        own = Design(key=former.key, name=former.name, base=former.key, form=schemas.Form(key=design.form.key))
        _save(actor, made, own, drawn_of(merged(design, own)))
    return made.id


def problems_of(version: DefinitionVersion) -> list[tuple[str, str]]:
    """(element or step id, sentence): what keeps a version from being published, in the designer's words where it has them."""
    design = designs.design_of_version(version)
    own = list(faults_of(whole_of(version, design))) if design is not None else []
    if own:
        return own
    found = lint(documents.read(version.bpmn.encode()), designs.known_at(version))
    return [(one.element_id, one.sentence) for one in found]


def whole_of(version: DefinitionVersion, design: Design) -> Design:
    """The design with what an extension inherits: what runs."""
    if version.origin != Origin.EXTENSION or version.derived_from is None:
        return design
    base = designs.design_of_version(designs.in_force(version.derived_from))
    return merged(base, design) if base is not None else design


def _drafted(
    actor: Actor, organisation: Any, design: Design | None, document: documents.Document, *, key: str = "", name: str = ""
) -> DefinitionVersion:  # fmt: skip
    return defining.create_draft(
        actor=actor, organisation_id=organisation.id, key=design.key if design else key, name=design.name if design else name,
        **_parts(design, document),
    )  # fmt: skip


def _save(actor: Actor, version: DefinitionVersion, design: Design | None, document: documents.Document) -> None:
    name = design.name[:LONGEST_NAME] if design is not None else version.name
    parts = _parts(design, document, designs.known_at(version))
    defining.save_draft(actor=actor, version_id=version.id, name=name, summary=version.summary, **parts)


def _parts(design: Design | None, document: documents.Document, known: Any = None) -> dict[str, Any]:
    """What a version keeps of a file; the graph only when the linter finds nothing."""
    process = document.main_process()
    is_clean = not lint(document, known) and not (design is not None and list(faults_of(design)) and not design.base)
    return {
        "bpmn": document.write().decode(), "outline": msgspec.to_builtins(design) if design is not None else None,
        "forms": forms_of(process) if process is not None else {},
        "graph": Compiler(document, known).graph() if is_clean else None,
    }  # fmt: skip


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
