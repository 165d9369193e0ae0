"""Versions of a school's timetable, and the editor of a draft: a class's grid, one lesson at a time, clashes first."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import DomainError, Forbidden, Invalid

from .. import policies, register
from ..models import Timetable
from ..selectors.calendars import list_terms
from ..selectors.checks import Checked, check_version
from ..selectors.lessons import ACTIVITIES, subject_short
from ..selectors.showing import tone_of
from ..sentences import clash_detail, clash_sentence, remark_sentence, slot_name, weekday_name
from ..services import lessons as services
from ..services import versions as version_services
from ..services.importing import rooms_of
from ..types import rights
from ..types.values import Group, LessonRow, Period
from ..types.weeks import weeks_text
from ..types.words import PAUSES, TimetableState
from .presenting import read_day

MOST_SHOWN = 200
DEFAULT_SLOTS = ("1", "2", "3", "4", "5", "6", "7", "8")


def _school(request: HttpRequest, code: str) -> Any:
    school = register.get_school(code)
    policies.require_edit_school(actor_of(request), school)
    return school


def _version(school: Any, version_id: UUID) -> Timetable:
    found = Timetable.objects.select_related("school", "term").filter(id=version_id, school=school).first()
    if found is None:
        raise Forbidden()
    return found


@needs(rights.EDIT)
def versions(request: HttpRequest, code: str) -> HttpResponse:
    """GET lists drafts and published versions; POST does one thing: ``start``, ``publish``, ``discard``."""
    school, status = _school(request, code), 200
    if request.method == "POST":
        try:
            return redirect(_change_version(request, school))
        except DomainError as error:
            if isinstance(error, Forbidden):
                raise
            messages.error(request, error.message)
            status = error.status
    rows = list(
        Timetable.objects.filter(school=school).select_related("term").order_by("-term__start_on", "-number")[:60]
    )
    now = today()
    current = next(
        (row.id for row in rows if row.state == TimetableState.PUBLISHED and row.effective_from and row.effective_from <= now <= row.term.end_on),
        None,
    )  # fmt: skip
    terms = [term for term in list_terms(str(school.path)) if term.end_on >= now]
    context = {
        "school": school, "rows": rows, "current": current, "terms": [(str(term.id), f"{term.school_year} {term.name}") for term in terms],
        "today": now, "newest": str(current or (rows[0].id if rows else "")),
    }  # fmt: skip
    return render(request, "timetable/versions.html", context, status=status)


def _change_version(request: HttpRequest, school: Any) -> str:
    actor, form = actor_of(request), request.POST
    action = form.get("action", "")
    if action == "start":
        draft = version_services.start_draft(
            actor=actor, school_id=school.id, term_id=_uuid(form.get("term", "")),
            copy_from=_uuid(form["copy_from"]) if form.get("copy_from") else None,
        )  # fmt: skip
        return reverse("timetable:draft", args=[school.code, draft.id])
    version = _version(school, _uuid(form.get("version", "")))
    if action == "publish":
        since = read_day(form.get("effective_from", ""))
        if since is None:
            raise Invalid(_("请填写启用日期。"), code="no_day")
        version_services.publish(actor=actor, timetable_id=version.id, effective_from=since)
        messages.success(request, _("已发布，%(day)s 起用。之前的周次仍按旧版本。") % {"day": since.isoformat()})
    elif action == "discard":
        version_services.discard(actor=actor, timetable_id=version.id)
        messages.success(request, _("草稿已删除。"))
    else:
        raise Invalid(_("请选择要做的事。"), code="unknown_action")
    return request.path


@needs(rights.EDIT)
def draft(request: HttpRequest, code: str, version_id: UUID) -> HttpResponse:
    """The editor. POST does one thing with a lesson: ``put`` (add or change), ``move``, ``remove``."""
    school = _school(request, code)
    version = _version(school, version_id)
    if request.method == "POST":
        return _change_lesson(request, school, version)
    return _show(request, school, version)


def _show(
    request: HttpRequest, school: Any, version: Timetable, sent: Any = None, refusal: DomainError | None = None
) -> HttpResponse:
    checked = check_version(version, today())
    groups = sorted(checked.context.groups.values(), key=lambda group: (group.grades, len(group.name), group.name))
    asked = (sent or request.GET).get("class", "")
    group = next((one for one in groups if str(one.id) == asked), groups[0] if groups else None)
    base = reverse("timetable:draft", args=[school.code, version.id])
    chosen = _chosen_lesson(request, checked, group, sent)
    context: dict[str, Any] = {
        "school": school, "version": version, "group": group, "groups": groups, "base": base, "chosen": chosen,
        "is_draft": version.state == TimetableState.DRAFT, "refusal": refusal,
        "sentences": refusal.details.get("clashes", ()) if refusal else (),
        "can_accept": isinstance(refusal, services.WouldClash),
        "grid": _grid(checked, group, base, chosen, is_draft=version.state == TimetableState.DRAFT) if group else None,
        "clash_count": len(checked.clashes), "remark_count": len(checked.remarks), "lesson_count": len(checked.lessons),
        "clashes": [clash_sentence(one) for one in checked.clashes if group and group.id in (one.first.group.id, one.second.group.id)],
        **_form(actor_of(request), checked, group),
    }  # fmt: skip
    return render(request, "timetable/draft.html", context, status=refusal.status if refusal else 200)


def _chosen_lesson(request: HttpRequest, checked: Checked, group: Group | None, sent: Any) -> dict[str, Any] | None:
    """What the form shows: the lesson of the address, an empty place, or what was sent and refused."""
    if sent is not None and sent.get("action") in ("put", "move"):
        return {
            "id": sent.get("lesson", ""), "weekday": sent.get("weekday", ""), "slot": sent.get("slot", ""), "weeks": sent.get("weeks", ""),
            "subject": sent.get("subject", ""), "room": sent.get("room", ""), "teachers": sent.getlist("teacher"),
            "action": sent.get("action"),
        }  # fmt: skip
    wanted = request.GET.get("lesson", "")
    for row in checked.lessons:
        if group and row.group.id == group.id and str(row.id) == wanted:
            return {
                "id": str(row.id), "weekday": str(row.weekday), "slot": row.slot, "weeks": weeks_text(row.weeks), "action": "put",
                "subject": subject_short(row.subject), "room": row.room, "teachers": [str(one.id) for one in row.teachers],
            }  # fmt: skip
    if request.GET.get("weekday") and request.GET.get("slot"):
        return {
            "id": "", "weekday": request.GET["weekday"], "slot": request.GET["slot"], "weeks": "", "subject": "", "room": "",
            "teachers": [], "action": "put",
        }  # fmt: skip
    return None


def _periods(checked: Checked, group: Group) -> list[Period]:
    found = checked.clock.periods(group, today())
    return sorted(found.values(), key=lambda period: (period.starts, period.ends))


def _slots(checked: Checked, group: Group | None) -> list[tuple[str, str]]:
    periods = _periods(checked, group) if group else []
    named = [(one.slot, one.name) for one in periods if one.kind not in PAUSES]
    return named or [(slot, slot_name(slot)) for slot in DEFAULT_SLOTS]


def _form(actor: Actor, checked: Checked, group: Group | None) -> dict[str, Any]:
    """Choices of the form: those who teach the class come first."""
    mine = {
        taught.teacher.id
        for (class_id, _subject), rows in checked.context.taught.items()
        if group and class_id == group.id
        for taught in rows
    }
    people = {teacher.id: teacher for teachers in checked.context.staff.values() for teacher in teachers}
    ordered = sorted(people.values(), key=lambda teacher: (teacher.id not in mine, teacher.name))
    names = [short for _full, short in registry.subject_names().values()]
    registered = rooms_of(actor, checked.context).registered
    rooms = list(dict.fromkeys([*registered, *sorted({lesson.room for lesson in checked.lessons if lesson.room})]))
    return {
        "teachers": [(str(one.id), one.name + (" ★" if one.id in mine else "")) for one in ordered],
        "subjects": [*names, *ACTIVITIES], "rooms": rooms[:200], "slots": _slots(checked, group),
        "weekdays": [(str(n), weekday_name(n)) for n in range(1, 8)],
    }  # fmt: skip


def _grid(
    checked: Checked, group: Group, base: str, chosen: dict[str, Any] | None, *, is_draft: bool
) -> dict[str, Any]:
    rows = [lesson for lesson in checked.lessons if lesson.group.id == group.id]
    days = [1, 2, 3, 4, 5, *sorted({row.weekday for row in rows if row.weekday > 5})]
    periods = {period.slot: period for period in _periods(checked, group)}
    slots = list(periods) or list(DEFAULT_SLOTS)
    slots += sorted({row.slot for row in rows} - set(slots), key=lambda slot: slot.zfill(2))
    clashing = checked.clashing_ids

    def entry(row: LessonRow) -> dict[str, Any]:
        state = "chosen" if chosen and chosen["id"] == str(row.id) else "clash" if row.id in clashing else ""
        lines = [row.teacher_names or (_("没有教师") if row.subject.isdigit() else ""), row.room, weeks_text(row.weeks)]
        return {
            "title": subject_short(row.subject), "lines": [line for line in lines if line], "tone": tone_of(row.subject),
            "state": state, "href": f"{base}?{urlencode({'class': group.id, 'lesson': row.id})}#lesson" if is_draft else "",
        }  # fmt: skip

    def cell(day: int, slot: str) -> dict[str, Any]:
        found = [entry(row) for row in rows if (row.weekday, row.slot) == (day, slot)]
        made: dict[str, Any] = {"entries": found}
        if is_draft and not found:
            query = urlencode({"class": group.id, "weekday": day, "slot": slot})
            made |= {
                "add": f"{base}?{query}#lesson",
                "add_label": _("%(day)s%(slot)s加一节课") % {"day": weekday_name(day), "slot": slot_name(slot)},
            }
        return made

    return {
        "days": [{"label": weekday_name(day)} for day in days],
        "rows": [
            {
                "label": periods[slot].name if slot in periods else slot_name(slot),
                "times": f"{periods[slot].starts:%H:%M}–{periods[slot].ends:%H:%M}" if slot in periods else "",
                "pause": slot in periods and periods[slot].kind in PAUSES, "cells": [cell(day, slot) for day in days],
            }
            for slot in slots
        ],
    }  # fmt: skip


def _change_lesson(request: HttpRequest, school: Any, version: Timetable) -> HttpResponse:
    actor, form = actor_of(request), request.POST
    action, class_id = form.get("action", ""), form.get("class", "")
    lesson_id, accept = _number(form.get("lesson", "")), form.get("accept") == "1"
    try:
        if action == "put":
            services.put_lesson(
                actor=actor, timetable_id=version.id, class_id=_uuid(class_id), weekday=_number(form.get("weekday", "")) or 0,
                slot=form.get("slot", ""), subject=form.get("subject", ""), room=form.get("room", ""), weeks=form.get("weeks", ""),
                teacher_ids=[_uuid(one) for one in form.getlist("teacher") if one], lesson_id=lesson_id, accept=accept,
            )  # fmt: skip
            messages.success(request, _("已保存这节课。"))
        elif action == "move" and lesson_id:
            services.move_lesson(
                actor=actor, timetable_id=version.id, lesson_id=lesson_id, weekday=_number(form.get("weekday", "")) or 0,
                slot=form.get("slot", ""), accept=accept,
            )  # fmt: skip
            messages.success(request, _("已移动这节课。"))
        elif action == "remove" and lesson_id:
            services.remove_lesson(actor=actor, timetable_id=version.id, lesson_id=lesson_id)
            messages.success(request, _("已去掉这节课。"))
        elif action == "join":
            services.join_lessons(
                actor=actor,
                timetable_id=version.id,
                lesson_ids=[int(one) for one in form.getlist("lesson") if one.isdigit()],
            )
            messages.success(request, _("已记为合班上课。"))
            return redirect("timetable:clashes", school.code, version.id)
        else:
            raise Invalid(_("请选择要做的事。"), code="unknown_action")
    except DomainError as error:
        if isinstance(error, Forbidden):
            raise
        messages.error(request, error.message)
        return _show(request, school, version, sent=form, refusal=error)
    return redirect(f"{request.path}?{urlencode({'class': class_id})}")


@needs(rights.EDIT)
def clashes(request: HttpRequest, code: str, version_id: UUID) -> HttpResponse:
    """Everything wrong with a version: clashes, and what does not agree with 任课."""
    school = _school(request, code)
    version = _version(school, version_id)
    checked = check_version(version, today())
    base = reverse("timetable:draft", args=[school.code, version.id])
    is_draft = version.state == TimetableState.DRAFT
    lines = [
        {
            "title": clash_sentence(one), "detail": clash_detail(one), "kind": one.kind,
            "href": f"{base}?{urlencode({'class': one.first.group.id, 'lesson': one.first.id})}#lesson",
            "joinable": is_draft and one.kind == "teacher" and one.first.timetable_id == one.second.timetable_id and one.first.subject == one.second.subject and one.first.slot == one.second.slot,
            "ids": (one.first.id, one.second.id),
        }
        for one in checked.clashes[:MOST_SHOWN]
    ]  # fmt: skip
    context = {
        "school": school, "version": version, "lines": lines, "clash_count": len(checked.clashes), "base": base, "is_draft": is_draft,
        "kinds": {kind: sum(one.kind == kind for one in checked.clashes) for kind in ("teacher", "class", "room")},
        "remarks": [
            {"title": remark_sentence(one), "kind": one.kind, "href": f"{base}?{urlencode({'class': one.group.id})}"}
            for one in checked.remarks[:MOST_SHOWN]
        ],
        "remark_count": len(checked.remarks), "most": MOST_SHOWN,
    }  # fmt: skip
    return render(request, "timetable/clashes.html", context)


def _uuid(text: Any) -> UUID:
    try:
        return UUID(str(text))
    except ValueError as error:
        raise Invalid(_("提交的内容不完整，请重新选择。"), code="bad_id") from error


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() and len(text) < 19 else None
