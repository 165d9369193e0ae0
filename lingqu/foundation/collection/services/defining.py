"""A table before it goes out: the office's own file or a table typed on the page, its marks, rules, scope and words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import files
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from .. import policies, register
from ..models import Collection
from ..selectors import scoping
from ..suggesting import suggest
from ..types.marks import Marks
from ..types.words import CollectionState
from ..workbook.grid import read_layout
from ..workbook.package import MOST_BYTES, refuse
from ..workbook.refs import split_key
from .tracing import locked_collection, record

OWNER = "collection.original"
LONGEST_TITLE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Whom a table asks, until when, and how it comes back."""

    title: str
    note: str = ""
    deadline: datetime | None = None
    scope: scoping.Scope = field(default_factory=scoping.Scope)
    post_kind: str = "school_office"
    needs_sign: bool = True
    keep_last: bool = False
    remind_before: int | None = 1


@transaction.atomic
def create_collection(*, actor: Actor, office_id: UUID, title: str, name: str, content: bytes) -> UUID:
    """A draft from an XLSX as it came. Cells are guessed from its words; :class:`Invalid` says what is wrong with a file."""
    office = _office(actor, office_id)
    collection = Collection(
        organisation=office, path=office.path, title=_title(title or name.rpartition(".")[0]), created_by=actor.name,
        remind_before=1,
        scope=scoping.Scope(places=(office.code,) if office.code else ()).as_data(),
    )  # fmt: skip
    _take_file(collection, name, content)
    collection.save(force_insert=True)
    files.attach(collection.file, owner_kind=OWNER, owner_id=collection.id, name=collection.file_name)
    record(actor, "drafted", collection, file=collection.file)
    return collection.id


@transaction.atomic
def replace_file(*, actor: Actor, collection_id: UUID, name: str, content: bytes) -> int:
    """Another file for a draft; marks whose cells are still empty stay. Returns how many were lost."""
    collection = locked_collection(actor, collection_id, CollectionState.DRAFT)
    former = Marks.from_data(collection.marks)
    files.detach(owner_kind=OWNER, owner_id=collection.id)
    layout = _take_file(collection, name, content)
    fresh = Marks.from_data(collection.marks)
    kept = {
        key: mark
        for key, mark in former.cells.items()
        if key in fresh.cells or _is_markable(layout, key)
    }  # fmt: skip
    fresh.cells.update(kept)
    fresh.rules = tuple(one for one in former.rules if one.sheet <= len(layout.sheets))
    collection.marks = fresh.as_data()
    collection.save()
    files.attach(collection.file, owner_kind=OWNER, owner_id=collection.id, name=collection.file_name)
    record(actor, "file_replaced", collection, file=collection.file)
    return len(former.cells) - len(kept)


@transaction.atomic
def set_terms(*, actor: Actor, collection_id: UUID, terms: Terms) -> None:
    """Words, scope, deadline. Raises :class:`Invalid` for places outside the own subtree."""
    collection = locked_collection(actor, collection_id, CollectionState.DRAFT)
    path = str(collection.path)
    wanted = set(terms.scope.places)
    if len(scoping.places_of(path, terms.scope.places)) != len(wanted):
        told = _("范围只能选本单位和下级单位。")
        raise Invalid(told, code="elsewhere", details={"places": told})
    known = set(scoping.schools_of(path, scoping.Scope(singles=terms.scope.singles)).values_list("code", flat=True))
    unknown = [code for code in terms.scope.singles if code not in known]
    if unknown:
        told = _("这些代码不是本单位下面的学校：%(codes)s。") % {"codes": " ".join(unknown[:10])}
        raise Invalid(told, code="unknown", details={"singles": told})
    if terms.post_kind not in dict(registry.post_kinds("school")):
        raise Invalid(_("没有这种岗位。"), code="post_kind", details={"post_kind": _("没有这种岗位。")})
    collection.title, collection.note = _title(terms.title), terms.note.strip()[:2000]
    collection.deadline, collection.scope = terms.deadline, terms.scope.as_data()
    collection.post_kind, collection.needs_sign = terms.post_kind, terms.needs_sign
    collection.remind_before = terms.remind_before
    collection.keep_last = terms.keep_last and collection.previous_id is not None
    collection.save()
    record(actor, "changed", collection)


@transaction.atomic
def discard_draft(*, actor: Actor, collection_id: UUID) -> None:
    collection = locked_collection(actor, collection_id, CollectionState.DRAFT)
    record(actor, "discarded", collection)
    files.detach(owner_kind=OWNER, owner_id=collection.id)
    collection.delete()


@transaction.atomic
def use_again(*, actor: Actor, collection_id: UUID) -> UUID:
    """The same table for the next period: a draft with all marks and rules, which begins with what schools reported."""
    former = locked_collection(actor, collection_id)
    if former.state == CollectionState.DRAFT:
        raise Conflict(_("草稿还没有发出，直接发它就行。"), code="draft")
    made = Collection.objects.create(
        organisation=former.organisation, path=former.path, title=former.title, note=former.note, file=former.file,
        file_name=former.file_name, layout=former.layout, marks=former.marks, scope=former.scope,
        post_kind=former.post_kind, needs_sign=former.needs_sign, remind_before=former.remind_before, keep_last=True, previous=former,
        created_by=actor.name,
    )  # fmt: skip
    files.attach(made.file, owner_kind=OWNER, owner_id=made.id, name=made.file_name)
    record(actor, "drafted", made, previous=str(former.id))
    return made.id


def _office(actor: Actor, office_id: UUID) -> Any:
    found = next((one for one in policies.offices_of(actor) if one.id == office_id), None)
    if actor.is_system:
        found = register.organisations().filter(id=office_id).exclude(kind__in=register.NO_OFFICE).first()
    if found is None:
        raise Forbidden()
    return found


def _title(text: str) -> str:
    clean = " ".join(text.split())[:LONGEST_TITLE]
    if not clean:
        raise Invalid(_("请写表的名称。"), code="no_title", details={"title": _("请写表的名称。")})
    return clean


def _take_file(collection: Collection, name: str, content: bytes) -> Any:
    if not content:
        raise refuse("empty", _("请选择文件。"))
    layout = read_layout(content)
    collection.file = files.put(content, max_bytes=MOST_BYTES).digest
    collection.file_name = files.safe_name(name) or "table.xlsx"
    collection.layout, collection.marks = layout.as_data(), suggest(layout).as_data()
    return layout


def _is_markable(layout: Any, key: str) -> bool:
    sheet, row, column = split_key(key)
    if not 1 <= sheet <= len(layout.sheets):
        return False
    drawn = layout.sheets[sheet - 1]
    cell = layout.cell((sheet, row, column))
    return row <= drawn.rows and column <= drawn.columns and (cell is None or not cell.formula)
