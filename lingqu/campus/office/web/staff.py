"""Leave of a school's staff: the list, recording, one leave with its lessons, the printed notice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lingqu.foundation.registry import api as registry
from lingqu.foundation.timetable import api as timetable
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.ui.figures import day as day_text

from .. import policies, register
from ..models import Absence
from ..selectors import absences as selectors
from ..selectors.covers import MOST_DAYS, Affected, list_covers, to_arrange
from ..selectors.rules import rules_at
from ..services import absences as services
from ..services import covering
from ..types import rights
from ..types.values import Choice
from ..types.words import Audience
from .forms import StaffLeaveForm, told
from .presenting import cover_lines, line, read_day

MOST_CANDIDATES, MOST_SWAPS = 8, 6


@needs(rights.STAFF_VIEW)
def absences(request: HttpRequest, code: str) -> HttpResponse:
    actor, school = actor_of(request), register.get_school(code)
    page = selectors.list_staff_absences(actor, school, request.GET.get("cursor", ""))
    context = {
        "school": school, "page": page.showing(line(one) for one in page),
        "may_record": policies.may_record_staff(actor, str(school.path)),
        "may_set_rules": policies.may_set_rules(actor, str(school.path)),
    }  # fmt: skip
    return render(request, "office/staff.html", context)


@needs(rights.STAFF_RECORD)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, code: str) -> HttpResponse:
    actor, school = actor_of(request), register.get_school(code)
    policies.require_record_staff(actor, school)
    form = StaffLeaveForm(
        request.POST or None, rules=rules_at(str(school.path), Audience.STAFF), school=school,
        initial={"starts_on": today(), "ends_on": today(), "way": "paper"},
    )  # fmt: skip
    over_quota = False
    if request.method == "POST" and form.is_valid():
        try:
            made = services.record_absence(actor=actor, new=form.new())
        except (Invalid, Conflict) as refusal:
            over_quota = refusal.code == "over_quota"
            told(form, refusal)
        else:
            messages.success(request, _("已登记，请安排这几天的课。"))
            return redirect("office:absence", made)
    context = {"school": school, "form": form, "over_quota": over_quota or "accepts_quota" in request.POST}
    return render(request, "office/staff_new.html", context, status=422 if form.is_bound else 200)


@needs(rights.STAFF_VIEW, rights.PUPIL_RECORD)
@require_http_methods(["GET", "POST"])
def absence(request: HttpRequest, absence_id: UUID) -> HttpResponse:
    """One leave of a teacher; POST takes care of the lessons for which something was chosen."""
    actor = actor_of(request)
    row = selectors.get_absence(actor, absence_id)
    if row.audience != Audience.STAFF:
        return redirect("office:class", row.class_group_id)
    may_arrange = _may_arrange(actor, row)
    if request.method == "POST":
        if not may_arrange:
            raise Forbidden()
        with refusals_told(request):
            done = covering.assign(
                actor=actor, absence_id=row.id, choices=_read_choices(request), note=request.POST.get("note", ""),
                counts=request.POST.get("counts") == "on",
            )  # fmt: skip
            messages.success(request, _("已安排 %(n)d 节，代课教师会收到待办。") % {"n": done})
        return redirect(request.get_full_path())
    return render(request, "office/absence.html", _page_of(request, row, may_arrange))


def _may_arrange(actor: Any, row: Absence) -> bool:
    return policies.may_record(actor, row) and actor.holds(timetable.rights.EDIT, str(row.path))


def _page_of(request: HttpRequest, row: Absence, may_arrange: bool) -> dict[str, Any]:
    last = selectors.last_day(row)
    first = min(max(read_day(request.GET.get("from", "")) or today(), row.starts_on), max(last, row.starts_on))
    until = min(first + timedelta(days=MOST_DAYS - 1), last)
    found: tuple[Affected, ...] = ()
    choices: Mapping[tuple[int, date], Any] = {}
    if row.withdrawn_at is None and first <= until:
        found, arranging = to_arrange(row, first, until, with_choices=may_arrange)
        choices = arranging.choices
    waiting = [one for one in found if not one.is_settled]
    base = reverse("office:absence", args=[row.id])
    lessons = [_lesson(one, choices.get((one.lesson.lesson_id, one.lesson.day))) for one in waiting]
    _propose(lessons)
    return {
        "absence": line(row, with_reason=policies.may_record(actor_of(request), row)), "school": row.school, "lessons": lessons,
        "covers": cover_lines(list_covers(row)), "may_arrange": may_arrange, "may_record": policies.may_record(actor_of(request), row),
        "total": len(found), "base": base, "first": first, "until": until, "today": today(),
        "earlier": f"{base}?from={first - timedelta(days=MOST_DAYS)}" if first > row.starts_on else "",
        "later": f"{base}?from={until + timedelta(days=1)}" if until < last else "",
        "return_day": min(today() + timedelta(days=1), row.ends_on + timedelta(days=1)),
    }  # fmt: skip


def _lesson(one: Affected, choice: Any) -> dict[str, Any]:
    lesson = one.lesson
    words = {
        "day": day_text(lesson.day), "weekday": timetable.weekday_name(lesson.day.isoweekday()), "period": lesson.period,
        "name": lesson.class_name, "subject": lesson.subject_label,
    }  # fmt: skip
    return {
        "key": f"{lesson.lesson_id}@{lesson.day}", "title": _("%(day)s %(weekday)s %(period)s %(name)s %(subject)s") % words,
        "meta": f"{lesson.starts:%H:%M}–{lesson.ends:%H:%M}" if lesson.starts and lesson.ends else "", "room": lesson.room,
        "is_moved": choice is None, "chosen": "", "slot": (lesson.day, lesson.starts),
        "people": [_candidate(some) for some in choice.candidates[:MOST_CANDIDATES]] if choice else [],
        "swaps": [_swap(choice, other) for other in choice.swaps[:MOST_SWAPS]] if choice else [],
    }  # fmt: skip


def _candidate(one: timetable.Candidate) -> tuple[str, str, bool]:
    words = {"name": one.teacher.name, "tag": one.tag or _("空闲"), "n": one.taken}
    text = _("%(name)s（%(tag)s，本月已代 %(n)d 节）") % words
    return f"substitute:{one.teacher.id}", text, bool(one.tag)


def _swap(choice: Any, other: Any) -> tuple[str, str]:
    words = {
        "day": day_text(other.day), "slot": timetable.slot_name(other.slot), "name": other.teacher_names,
        "subject": registry.subject_label(other.subject),
    }  # fmt: skip
    return f"move:{other.lesson.id}@{other.day}", _("与 %(day)s %(slot)s %(name)s %(subject)s 对调") % words


def _propose(lessons: list[dict[str, Any]]) -> None:
    """The best colleague for each lesson, none for two lessons at once and spread where there are several."""
    used: dict[str, int] = {}
    held: set[tuple[Any, str]] = set()
    for one in lessons:
        free = [value for value, _text, fits in one["people"] if fits and (one["slot"], value) not in held]
        if free:
            one["chosen"] = min(free, key=lambda value: (used.get(value, 0), free.index(value)))
            used[one["chosen"]] = used.get(one["chosen"], 0) + 1
            held.add((one["slot"], one["chosen"]))


def _read_choices(request: HttpRequest) -> list[Choice]:
    """Fields ``lesson:<id>@<day>`` with what was chosen; empty ones stay open."""
    made = []
    for name, value in request.POST.items():
        if not name.startswith("lesson:") or not isinstance(value, str) or not value:
            continue
        try:
            lesson, _at, day = name.removeprefix("lesson:").partition("@")
            kind, _colon, rest = value.partition(":")
            other, _at, other_day = rest.partition("@")
            is_move = kind == timetable.ChangeKind.MOVE
            made.append(
                Choice(
                    lesson_id=int(lesson), day=date.fromisoformat(day), kind=kind,
                    substitute=UUID(rest) if rest and not is_move else None, other_id=int(other) if is_move else 0,
                    other_day=date.fromisoformat(other_day) if is_move else None,
                )
            )  # fmt: skip
        except ValueError as error:
            raise Invalid(_("请从列出的安排里选择。"), code="bad_choice") from error
    return made


@require_POST
@needs(rights.STAFF_RECORD, rights.PUPIL_RECORD)
def end(request: HttpRequest, absence_id: UUID) -> HttpResponse:
    """销假 from a day on, or withdrawn as a whole."""
    actor = actor_of(request)
    row = selectors.get_absence(actor, absence_id)
    policies.require_record(actor, row)
    with refusals_told(request):
        if "withdraw" in request.POST:
            services.withdraw_absence(actor=actor, absence_id=row.id, why=request.POST.get("why", ""))
            messages.success(request, _("已撤销，还没上的课回到原来的教师。"))
        else:
            services.note_return(actor=actor, absence_id=row.id, day=read_day(request.POST.get("day", "")) or today())
            messages.success(request, _("已销假。"))
    if row.audience == Audience.PUPIL:
        return redirect("office:class", row.class_group_id)
    return redirect("office:absence", row.id)


@require_POST
@needs(rights.STAFF_RECORD)
def withdraw_cover(request: HttpRequest, cover_id: UUID) -> HttpResponse:
    cover = covering.find_cover(cover_id)
    row = selectors.get_absence(actor_of(request), cover.absence_id)
    with refusals_told(request):
        covering.withdraw_cover(actor=actor_of(request), cover_id=cover_id)
        messages.success(request, _("已撤销，这节课重新待安排。"))
    return redirect("office:absence", row.id)


@needs(rights.STAFF_VIEW)
def printed(request: HttpRequest, absence_id: UUID) -> HttpResponse:
    """调代课通知单: what is arranged, with room for signatures. The kind of leave is not printed."""
    row = selectors.get_absence(actor_of(request), absence_id)
    if row.audience != Audience.STAFF:
        raise Forbidden()
    lines = [one for one in cover_lines(list_covers(row)) if one["is_standing"]]
    context = {
        "absence": line(row), "school": row.school, "lines": lines, "back": reverse("office:absence", args=[row.id]),
    }  # fmt: skip
    return render(request, "office/absence_print.html", context)
