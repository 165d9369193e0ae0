"""Whole sentences about times and clashes, for pages and refusals alike."""

from __future__ import annotations

from django.utils.translation import gettext as _

from .selectors.lessons import subject_short
from .types.values import Clash, LessonRow, Remark
from .types.weeks import weeks_text


def weekday_name(weekday: int) -> str:
    return (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))[weekday - 1]


def slot_name(slot: str) -> str:
    """第 3 节, 早读, 课后服务 2."""
    if slot.isdigit():
        return _("第 %(n)s 节") % {"n": slot}
    word = {"R": _("早读"), "A": _("课后服务"), "N": _("晚自习"), "B": _("大课间"), "M": _("午休")}.get(slot[:1], slot)
    return word if slot[1:] in ("", "1") else f"{word} {slot[1:]}"


def when(weekday: int, slot: str) -> str:
    return _("%(day)s%(slot)s") % {"day": weekday_name(weekday), "slot": slot_name(slot)}


def clash_sentence(clash: Clash) -> str:
    facts = {
        "when": when(clash.weekday, clash.slot), "what": clash.what, "one": clash.first.group.name,
        "other": clash.second.group.name, "subject": subject_short(clash.first.subject),
        "second": subject_short(clash.second.subject),
    }  # fmt: skip
    if clash.kind == "class":
        return _("%(when)s：%(what)s同时有%(subject)s和%(second)s") % facts
    if clash.kind == "room":
        return _("%(when)s：%(what)s同时排给%(one)s%(subject)s和%(other)s%(second)s") % facts
    return _("%(when)s：%(what)s同时在%(one)s上%(subject)s、在%(other)s上%(second)s") % facts


def clash_detail(clash: Clash) -> str:
    """In which weeks, and which cells of which file say so."""
    weeks = weeks_text(clash.weeks)
    parts = [_("只在 %(weeks)s 周") % {"weeks": weeks} if weeks[:1].isdigit() else weeks] if weeks else []
    origins = [row.origin for row in (clash.first, clash.second) if row.origin]
    if origins:
        parts.append(_("来自 %(places)s") % {"places": "、".join(dict.fromkeys(origins))})
    return "；".join(parts)


def remark_sentence(remark: Remark) -> str:
    facts = {
        "name": remark.group.name, "subject": subject_short(remark.subject), "teacher": remark.teacher,
        "planned": f"{remark.planned or 0:g}", "found": f"{remark.found:g}",
    }  # fmt: skip
    sentences = {
        "nobody": _("%(name)s%(subject)s有 %(found)s 节没有教师"),
        "untaught": _("%(teacher)s上%(name)s%(subject)s %(found)s 节，任课里没有这一项"),
        "more": _("%(name)s%(subject)s排了 %(found)s 节，任课是 %(planned)s 节"),
        "fewer": _("%(name)s%(subject)s只排了 %(found)s 节，任课是 %(planned)s 节"),
    }
    return sentences[remark.kind] % facts


def lesson_words(lesson: LessonRow) -> str:
    return " · ".join(part for part in (subject_short(lesson.subject), lesson.teacher_names, lesson.room) if part)
