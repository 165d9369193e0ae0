"""My own learning record, and a child's for its guardian: seen, filtered, taken along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, files
from lingqu.kernel.access import actor_of, signed_in
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden, NotFound
from lingqu.ui.jinja import render_page

from ..selectors import own


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """The person whose record is shown; ``number`` is empty for oneself."""

    person_ids: tuple[UUID, ...]
    number: str = ""
    name: str = ""


def _whose(actor: Actor, number: str) -> Whose:
    if not number:
        return Whose(person_ids=registry.ids_of(actor.person_id) if actor.person_id else ())
    person = registry.find_person(number)
    wards = set(actor.things(registry.rights.PERSON_VIEW, "person")) if actor.role == "guardian" else set()
    if person is None or wards.isdisjoint(ids := registry.ids_of(person.id)):
        raise NotFound(_("没有这个人。"))
    return Whose(person_ids=ids, number=number, name=person.name)


@require_GET
@signed_in
def record(request: HttpRequest, number: str = "") -> HttpResponse:
    actor = actor_of(request)
    whose, asked = _whose(actor, number), _asked(request)
    sources = own.list_sources(whose.person_ids)
    page, following = own.list_own(sources, asked, before=_number(request, "before") or 1 << 62)
    typed = {name: request.GET.get(name, "") for name in ("tenant", "verb", "from", "to") if request.GET.get(name)}
    context: dict[str, Any] = {
        "whose": whose, "lines": own.lines_of(page, sources), "sources": sources, "verbs": own.list_verbs(sources),
        "asked": typed, "tabs": _tabs(actor, number),
        "more": "?" + urlencode({**typed, "before": following}) if following else "",
        "take_along": _address("own_export", number) + ("?" + urlencode(typed) if typed else ""),
    }  # fmt: skip
    return render_page(request, "records/own.html", context, block="list")


@require_GET
@signed_in
def export(request: HttpRequest, number: str = "") -> HttpResponse:
    """The statements themselves, the latest 5,000 of those chosen, as JSON."""
    actor = actor_of(request)
    whose, asked = _whose(actor, number), _asked(request)
    sources = own.list_sources(whose.person_ids)
    page, _more = own.list_own(sources, asked, limit=own.MOST_EXPORTED)
    audit.record(actor, "records.taken_along", subject_kind="registry.person", subject_id=_subject(whose))
    content = msgspec.json.format(msgspec.json.encode({"statements": own.statements_of(page)}), indent=1)
    return files.hand_over(content, _("学习记录") + ".json", "application/json")


def _subject(whose: Whose) -> UUID:
    if not whose.person_ids:
        raise Forbidden()
    return whose.person_ids[0]


def _tabs(actor: Actor, number: str) -> list[dict[str, Any]]:
    if actor.role != "guardian":
        return []
    cards = registry.list_children(actor)
    people = [card.pupil.person for card in cards]
    return [
        {"label": _("本人"), "href": _address("own", ""), "current": not number},
        *(
            {"label": one.name, "href": _address("own", one.number), "current": one.number == number} for one in people
        ),
    ]  # fmt: skip


def _address(name: str, number: str) -> str:
    return reverse(f"records:{name}_of", args=[number]) if number else reverse(f"records:{name}")


def _asked(request: HttpRequest) -> own.Asked:
    begin, end = _day(request, "from"), _day(request, "to")
    return own.Asked(
        tenant=_number(request, "tenant"), verb=request.GET.get("verb", "")[:2000], begin=begin,
        end=end + timedelta(days=1) if end else None,
    )  # fmt: skip


def _day(request: HttpRequest, name: str) -> datetime | None:
    try:
        day = date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None
    return datetime.combine(day, time(), get_current_timezone()) if 2020 <= day.year < 2200 else None


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
