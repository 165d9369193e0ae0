"""Lists of people with search, one person's page, unmasking with a stated purpose, and the edit form."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from lingqu.kernel import crypto
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Invalid
from lingqu.ui.jinja import render_page

from .. import policies
from ..models import Person
from ..selectors import moves, pupil_attributes
from ..selectors import people as lists
from ..selectors import person as persons
from ..selectors.search import search_people
from ..services import people as services
from ..types import rights
from ..types.attributes import AttributeFact
from ..types.cards import PersonPage
from ..types.grades import LABELS
from ..types.slots import PERSON_ACCOUNTS, PERSON_LINKS, PERSON_NUMBERS, NumberLine, PersonSpot, Spot
from ..types.words import Attendance
from .forms import PersonForm

PURPOSE = "registry.purpose"
PURPOSE_MINUTES = 15
PURPOSES = (
    ("check", gettext_lazy("核对学籍信息"), ""),
    ("contact", gettext_lazy("联系本人或家长"), ""),
    ("transfer", gettext_lazy("办理转学、入学"), ""),
    ("aid", gettext_lazy("办理资助、保险"), ""),
    ("other", gettext_lazy("其他，填写原因"), ""),
)


@needs(rights.PERSON_VIEW)
def people(request: HttpRequest) -> HttpResponse:
    """Pupils or staff in reach; what is typed into the search goes by POST and stands in the address only sealed."""
    actor = actor_of(request)
    if request.method == "POST":
        text = request.POST.get("q", "").strip()[:100]
        address = request.path + (f"?s={sealed_query(text)}" if text else "")
        return redirect(address)
    text = opened_query(request.GET.get("s", ""))
    cursor = request.GET.get("cursor", "")
    kind = lists.STAFF if request.GET.get("kind") == lists.STAFF else lists.STUDENTS
    place = lists.find_place(actor, request.GET.get("place", ""))
    wanted = lists.Filter(
        path=str(place.path) if place else "",
        grade=_known(request.GET.get("grade", ""), LABELS),
        attendance=_known(request.GET.get("attendance", ""), Attendance.values),
    )
    can_filter = not text and lists.may_filter(actor, wanted.path)
    if not can_filter:
        wanted = lists.Filter(path=wanted.path)
    page = search_people(actor, text, cursor=cursor) if text else lists.list_people(actor, kind, wanted, cursor=cursor)
    query = {
        "s": request.GET.get("s", "") if text else "", "kind": kind, "grade": wanted.grade, "attendance": wanted.attendance,
        "place": place.code if place else "",
    }  # fmt: skip
    context = {
        "page": page, "text": text, "kind": kind, "place": place, "query": query, "can_filter": can_filter,
        "grades": LABELS, "attendances": Attendance.choices, "wanted": wanted,
    }  # fmt: skip
    return render_page(request, "registry/people.html", context, block="list")


@needs(rights.PERSON_EDIT)
def class_moves(request: HttpRequest) -> HttpResponse:
    """调班 of a county or a school, for those who keep its pupils."""
    actor = actor_of(request)
    place = lists.find_place(actor, request.GET.get("place", ""))
    page = moves.list_class_moves(actor, place, cursor=request.GET.get("cursor", ""))
    context = {"page": page, "place": place, "query": {"place": place.code if place else ""}}
    return render_page(request, "registry/class_moves.html", context, block="list")


def _known(value: str, allowed: Any) -> str:
    return value if value in allowed else ""


def sealed_query(text: str) -> str:
    return urlsafe_b64encode(crypto.seal(text.encode(), b"registry.search")).decode().rstrip("=")


def opened_query(sealed: str) -> str:
    """Raises :class:`Invalid` for an address that this platform did not make."""
    if not sealed:
        return ""
    try:
        padded = sealed + "=" * (-len(sealed) % 4)
        return crypto.unseal(urlsafe_b64decode(padded), b"registry.search").decode()
    except (ValueError, Base64Error, InvalidTag) as error:
        raise Invalid(_("这个查找链接无效，请重新输入。"), code="bad_search") from error


@needs(rights.PERSON_VIEW)
def person(request: HttpRequest, number: str) -> HttpResponse:
    found, standing = persons.get_person(actor_of(request), number)
    day = _day(request.GET.get("as_of", ""))
    return _show(request, found, standing, persons.get_person_page(found, ids=standing.ids, as_of=day))


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(_("日期写成 2026-09-01 的样子。"), code="bad_day") from error


def _show(request: HttpRequest, found: Person, standing: policies.Standing, page: PersonPage) -> HttpResponse:
    is_now = page.as_of is None
    spot = Spot(id=found.id, path=str(found.path), code=found.number)
    whose = PersonSpot(ids=standing.ids, is_self=standing.is_self, holds=standing.holds)
    links = PERSON_LINKS.collect(actor_of(request), spot) if is_now and "student" in page.entities else ()
    context = {
        "page": page, "accounts": [line for lines in PERSON_ACCOUNTS.collect(actor_of(request), found.id) for line in lines],
        "links": links, "numbers": _numbers_of(request, whose, page.as_of),
        "accesses": persons.list_accesses(found, standing, 6) if standing.may_see_log else (),
        "attributes": reading_of(found, standing, page), "sees_attributes": standing.may_see_attributes and page.entity == "student",
        "may_edit_attributes": is_now and standing.may_edit_attributes,
        "sees_log": standing.may_see_log, "may_reveal": is_now and standing.may_reveal,
        "may_edit": is_now and standing.may_edit, "acts": acts_on(actor_of(request), page) if is_now and standing.may_edit else (), "purpose": current_purpose(request), "purposes": PURPOSES,
    }  # fmt: skip
    response = render(request, "registry/person.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _numbers_of(request: HttpRequest, whose: PersonSpot, day: date | None) -> list[NumberLine]:
    """Numbers elsewhere, former ones too; for a day in the past those that counted then."""
    lines = [line for lines in PERSON_NUMBERS.collect(actor_of(request), whose) for line in lines]
    if day is None:
        return lines
    return [line for line in lines if line.valid_from <= day and (line.valid_to is None or line.valid_to > day)]


def reading_of(found: Person, standing: policies.Standing, page: PersonPage) -> tuple[AttributeFact, ...]:
    """The attributes that the reader may see; sensitive ones only on a page that was opened with a purpose."""
    if not standing.may_see_attributes or page.entity != "student":
        return ()
    is_revealed = page.is_revealed and standing.may_reveal
    return pupil_attributes.list_attributes(standing.ids, is_revealed=is_revealed, as_of=page.as_of)


@needs(rights.PERSON_REVEAL, rights.PERSON_VIEW)
@require_POST
def reveal(request: HttpRequest, number: str) -> HttpResponse:
    """Show the sensitive values once; the purpose counts for the visit of 15 minutes, each reading is audited."""
    actor = actor_of(request)
    found, standing = persons.get_person(actor, number)
    purpose = state_purpose(request)
    page = services.reveal_person(actor=replace(actor, purpose=purpose), person_id=found.id)
    return _show(request, found, standing, page)


def current_purpose(request: HttpRequest) -> str:
    stored = request.session.get(PURPOSE) or {}
    until = stored.get("until", "")
    return str(stored.get("text", "")) if until and datetime.fromisoformat(until) > now() else ""


def state_purpose(request: HttpRequest) -> str:
    """The purpose that was just stated or still counts, remembered for the session. Raises :class:`Invalid` for none."""
    key = request.POST.get("purpose", "")
    if not key and (stored := current_purpose(request)):
        return stored
    text = {code: str(label) for code, label, _meta in PURPOSES}.get(key, "")
    if key == "other":
        text = request.POST.get("reason", "").strip()[:200]
    if not text:
        raise Invalid(_("请先说明本次查看的用途。"), code="purpose_missing")
    until = now() + timedelta(minutes=PURPOSE_MINUTES)
    request.session[PURPOSE] = {"text": text, "until": until.isoformat()}
    return text


@needs(rights.PERSON_EDIT)
def edit(request: HttpRequest, number: str) -> HttpResponse:
    actor = actor_of(request)
    found, _standing = persons.get_person(actor, number)
    policies.require_edit_person(actor, found)
    form = PersonForm(request.POST or None, entity=persons.entity_of(found))
    if request.method == "POST" and form.is_valid():
        changed = services.edit_person(
            actor=actor, person_id=found.id, changes=form.changes(), reason=form.cleaned_data["reason"]
        )
        messages.success(request, _("已保存，留有旧值。") if changed else _("没有改动。"))
        return redirect("registry:person", found.number)
    context = {"person": found, "form": form, "back": request.path.removesuffix("/edit")}
    return render(request, "registry/person_edit.html", context, status=422 if form.is_bound else 200)


def acts_on(actor: Actor, page: PersonPage) -> tuple[tuple[str, str, str, str], ...]:
    """What a keeper may do with the record: (title, meaning, icon, address)."""
    here = [page.number]
    if page.deceased_on is not None:
        return ((_("更正去世登记"), _("登记有误时恢复"), "undo", reverse("registry:person_deceased", args=here)),)
    made = []
    if page.entity == "student":
        present = [fact for fact in page.enrolments if fact.attendance != Attendance.ABSENT]
        if present or page.classes:
            made.append((_("调班"), _("同校同年级换一个班"), "swap", reverse("registry:person_class", args=here)))
        if page.enrolments:
            made.append(
                (_("登记离校"), _("休学、外出，或离开本校"), "exit", reverse("registry:person_leave", args=here))
            )
        if not present:
            made.append((_("登记返校"), _("重新编入班级"), "enter", reverse("registry:person_return", args=here)))
        made.append((_("登记监护人"), _("类别、依据和期限"), "family", reverse("registry:guardian_new", args=here)))
    if actor.paths(rights.PERSON_EDIT):
        made.append((_("与另一份档案核对"), _("可能是同一人"), "duplicate", reverse("registry:person_same", args=here)))
    made.append((_("登记去世"), _("立即静默所有消息"), "archive", reverse("registry:person_deceased", args=here)))
    return tuple(made)
