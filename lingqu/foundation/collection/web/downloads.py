"""Files of collection: the original, one school's copy, a frozen version, sums in the original layout, flat tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lingqu.kernel import audit, files
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.errors import NotFound

from ..exchanging import filled_file
from ..models import Collection
from ..selectors import boards, lists, merging
from ..tables import table_of
from ..types import rights

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _original(collection: Collection) -> bytes:
    with files.open_file(collection.file) as source:
        return source.read()


@require_GET
@needs(rights.MANAGE)
def original(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    collection = lists.get_draft(actor_of(request), collection_id)
    return files.hand_over(_original(collection), collection.file_name, XLSX)


@require_GET
@needs(*rights.ALL)
def answer_file(request: HttpRequest, answer_id: UUID) -> HttpResponse:
    """The table as it stands for this school: prefilled, half filled or done, in its own layout."""
    answer = lists.get_answer(actor_of(request), answer_id)
    content = filled_file(table_of(answer.collection), _original(answer.collection), answer.sheet.values)
    return files.hand_over(content, f"{answer.collection.title}-{answer.school.name}.xlsx", XLSX)


@require_GET
@needs(*rights.ALL)
def version(request: HttpRequest, answer_id: UUID, version: int) -> HttpResponse:
    """A frozen report in the layout it was made for."""
    answer, report = lists.get_report(actor_of(request), answer_id, version)
    content = filled_file(table_of(answer.collection), _original(answer.collection), report.values)
    return files.hand_over(content, f"{answer.collection.title}-{answer.school.name}-{version}.xlsx", XLSX)


@require_GET
@needs(rights.MANAGE, rights.VIEW)
def export(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    """Sums of all schools within reach, or of one county, in the original layout."""
    actor = actor_of(request)
    collection, reach = boards.get_seen(actor, collection_id)
    code = request.GET.get("org", "")
    part = boards.part_path(collection, reach, code)
    place = next((one for one in boards.get_board(actor, collection, reach).parts if part and one.code == code), None)
    name = place.name if place else collection.organisation.name
    table = table_of(collection)
    found = merging.merge(collection, table, (part,) if part else reach, name)
    _note(request, collection, "exported", found.schools)
    return files.hand_over(
        filled_file(table, _original(collection), found.values), f"{collection.title}-{name}.xlsx", XLSX
    )


@require_GET
@needs(rights.MANAGE, rights.VIEW)
def flat(request: HttpRequest, collection_id: UUID) -> Any:
    """Every current report as CSV: one line a school, or one line an entry of a list (``list``)."""
    collection, reach = boards.get_seen(actor_of(request), collection_id)
    table = table_of(collection)
    asked = request.GET.get("list", "")
    if asked:
        if not asked.isdigit() or int(asked) >= len(table.marks.blocks):
            raise NotFound(_("没有这个名单。"))
        lines = merging.list_rows(collection, table, table.marks.blocks[int(asked)], reach)
    else:
        lines = merging.flat_lines(collection, table, reach)
    _note(request, collection, "flat_exported", 0)
    response = StreamingHttpResponse(_csv(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(collection.title)}.csv"
    response["X-Content-Type-Options"], response["Cache-Control"] = "nosniff", "no-store"
    return response


def _csv(lines: Iterable[list[str]]) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf"
    for line in lines:
        held = io.StringIO()
        csv.writer(held).writerow(line)
        yield held.getvalue().encode()


def _note(request: HttpRequest, collection: Collection, action: str, schools: int) -> None:
    audit.record(
        actor_of(request), f"collection.{action}", subject_kind="collection", subject_id=collection.id,
        path=str(collection.path), data={"schools": schools},
    )  # fmt: skip
