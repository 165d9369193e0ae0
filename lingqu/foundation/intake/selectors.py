"""Reads of imports: the actor's places first, lists by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor, covers, require
from lingqu.kernel.errors import NotFound
from lingqu.kernel.ids import as_uuid
from lingqu.kernel.pages import Page, merge_branches, page_of

from . import policies
from .models import Finding, Import, ImportFile, PartialUpload, SavedMapping
from .types import BLOCK, HINT, IMPORT_RUN, IMPORT_VIEW, REVIEW

MOST_UPLOADS = 20
WAITING = ("mapping", "checked")
"""States in which a person must act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFilter:
    """What of the findings is wanted; empty means anything."""

    severity: str = ""
    rule: str = ""
    field: str = ""
    sheet: str = ""
    who: str = ""
    row: int | None = None
    text: str = ""
    """A row number, or a part of a heading or of an organisation; never of a value, which may be a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An organisation into which an actor may import."""

    path: str
    name: str
    code: str


def _visible(actor: Actor) -> list[QuerySet[Import]]:
    rows = Import.objects.select_related("organisation").prefetch_related("files")
    if actor.is_system:
        return [rows]
    paths = dict.fromkeys((*actor.paths(IMPORT_VIEW), *actor.paths(IMPORT_RUN)))
    outer = [path for path in paths if not any(other != path and covers(other, path) for other in paths)]
    return [rows.filter(path__within=path) for path in outer]


def list_imports(*, actor: Actor, text: str = "", cursor: str = "", limit: int = 30) -> Page[Import]:
    """Imports of the actor's places, newest first; with ``text`` those whose number, file or organisation has it."""
    branches = _visible(actor) or [Import.objects.none()]
    if wanted := text.strip()[:100]:
        has_file = Exists(ImportFile.objects.filter(owner=OuterRef("pk"), name__icontains=wanted))
        fits = Q(number__icontains=wanted) | Q(organisation__name__icontains=wanted) | has_file
        branches = [rows.filter(fits) for rows in branches]
    return merge_branches(branches, order=("-created_at", "-id"), cursor=cursor, limit=limit)


def get_import(*, actor: Actor, number: str) -> Import:
    """Raises :class:`NotFound`, or :class:`Forbidden` for an import of another place."""
    found = (
        Import.objects.select_related("organisation", "source").prefetch_related("files").filter(number=number).first()
    )
    if found is None:
        raise NotFound()
    require(policies.may_see(actor, str(found.path)))
    return found


def count_waiting(actor: Actor) -> int:
    """Imports on which a person must act."""
    return sum(rows.filter(state__in=WAITING).count() for rows in _visible(actor))


def list_places(actor: Actor) -> tuple[Place, ...]:
    """Where the actor may import, the own place first."""
    paths = actor.paths(IMPORT_RUN)
    found = [registry.organisation_at(path) for path in paths]
    places = [Place(path=str(o.path), name=o.name, code=o.code or "") for o in found if o is not None]
    return tuple(sorted(places, key=lambda place: (place.path != actor.path, place.path)))


def _matching(owner: Import, wanted: FindingFilter) -> QuerySet[Finding]:
    rows = Finding.objects.filter(owner=owner)
    exact: Mapping[str, Any] = {
        "severity": wanted.severity, "rule": wanted.rule, "field": wanted.field, "row": wanted.row,
        "responsible": wanted.who,
    }  # fmt: skip
    rows = rows.filter(**{name: value for name, value in exact.items() if value not in ("", None)})
    if wanted.sheet:
        file, _bar, sheet = wanted.sheet.partition("|")
        rows = rows.filter(file=file, sheet=sheet)
    if wanted.text.isascii() and wanted.text.isdigit():
        rows = rows.filter(row=int(wanted.text[:9]))
    elif wanted.text:
        rows = rows.filter(Q(column__icontains=wanted.text) | Q(responsible__icontains=wanted.text))
    return rows


def list_findings(*, owner: Import, wanted: FindingFilter, cursor: str = "", limit: int = 20) -> Page[Finding]:
    """The listed findings in the order in which they were found: by file and row."""
    return page_of(_matching(owner, wanted), order=("id",), cursor=cursor, limit=limit)


def list_rules(*, owner: Import) -> list[dict[str, Any]]:
    """Rules that were broken, the worst and most frequent first; counts are those listed."""
    rank = {BLOCK: 0, REVIEW: 1, HINT: 2}
    rows = Finding.objects.filter(owner=owner).values("rule", "severity").annotate(count=Count("id"))
    return sorted(
        (dict(row) for row in rows), key=lambda row: (rank.get(row["severity"], 3), -row["count"], row["rule"])
    )


def list_fields(*, owner: Import) -> list[tuple[str, str]]:
    """(field, heading) that have findings."""
    rows = Finding.objects.filter(owner=owner).exclude(field="").values_list("field", "column").distinct()[:500]
    named: dict[str, str] = {}
    for field, column in rows:
        named.setdefault(field, column or field)
    return sorted(named.items(), key=lambda pair: pair[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one organisation must fix of an import; counts are those listed."""

    who: str
    block: int
    review: int
    hint: int
    rows: int


def list_responsible(*, owner: Import) -> list[Share]:
    """The organisations that must fix something, the most blocked rows first."""
    counts = {severity: Count("id", filter=Q(severity=severity)) for severity in (BLOCK, REVIEW, HINT)}
    place = Concat("file", Value("|"), "sheet", Value("|"), Cast("row", TextField()), output_field=TextField())
    found = Finding.objects.filter(owner=owner).exclude(responsible="").values("responsible")
    rows: Any = found.annotate(rows=Count(place, distinct=True), **counts)
    shares = [Share(who=r["responsible"], block=r[BLOCK], review=r[REVIEW], hint=r[HINT], rows=r["rows"]) for r in rows]
    return sorted(shares, key=lambda share: (-share.block, -share.review, -share.hint, share.who))


def count_severities(owner: Import) -> dict[str, int]:
    """Exact counts: those of reading, plus what applying found."""
    found = Finding.objects.filter(owner=owner).aggregate(
        **{severity: Count("id", filter=Q(severity=severity)) for severity in (BLOCK, REVIEW, HINT)}
    )
    stated = owner.counts.get("severities", {})
    return {severity: max(int(stated.get(severity, 0)), int(found[severity])) for severity in (BLOCK, REVIEW, HINT)}


def mappings_for(path: str) -> dict[str, dict[str, Any]]:
    """Confirmed mappings that hold at a place: its own and those of the places above; the nearer one wins."""
    rows = SavedMapping.objects.extra(where=["path @> %s::ltree"], params=[path]).order_by("path")
    return {row.headings_hash: {"kind": row.kind, "columns": row.columns} for row in rows}


def find_upload(*, actor: Actor, upload_id: Any) -> PartialUpload | None:
    """A file that the same account is sending."""
    if actor.account_id is None:
        return None
    return PartialUpload.objects.filter(id=upload_id, account_id=actor.account_id).first()


def list_uploads(*, actor: Actor, is_complete: bool, ids: Sequence[str] | None = None) -> tuple[PartialUpload, ...]:
    """Files that the account has sent whole, or only in part, newest first; with ``ids`` only these."""
    if actor.account_id is None:
        return ()
    own = PartialUpload.objects.filter(account_id=actor.account_id)
    own = own.exclude(digest="") if is_complete else own.filter(digest="", received__gt=0)
    if ids is not None:
        own = own.filter(id__in=[found for one in ids[:MOST_UPLOADS] if (found := as_uuid(one))])
    return tuple(own.order_by("-touched_at")[:MOST_UPLOADS])
