"""What calendar and timetable add to the shell."""

from __future__ import annotations

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import navigation, retention
from lingqu.kernel.actor import Actor

from . import policies, register
from .models import Feed, LessonChange, LessonTeacher
from .types import rights


def class_link(actor: Actor, spot: registry.Spot) -> registry.PageLink | None:
    """From a class to its week."""
    if not policies.may_see_class(actor, spot.id, spot.path):
        return None
    return registry.PageLink(label=str(_("课表")), url=reverse("timetable:class", args=[spot.id]), icon="calendar-week")


def school_link(actor: Actor, spot: registry.Spot) -> registry.PageLink | None:
    """From a school to its timetable."""
    is_school = register.organisations().filter(id=spot.id, kind__in=register.SCHOOL_KINDS).exists()
    if not spot.code or not is_school or not policies.may_see_school(actor, spot.path):
        return None
    return registry.PageLink(
        label=str(_("课表")), url=reverse("timetable:school", args=[spot.code]), icon="calendar-week"
    )


registry.CLASS_LINKS.fill("timetable", class_link, rights=(rights.VIEW,))
registry.ORGANISATION_LINKS.fill("timetable", school_link, rights=(rights.VIEW,))
navigation.group("teaching", _("教学安排"), order=10)
navigation.add(
    _("我的课表"), "timetable:mine", group="teaching", icon="calendar-week", order=10,
    audiences=("class_teacher", "teacher", "student", "guardian"),
)  # fmt: skip
navigation.add(
    _("学校课表"), "timetable:start", group="teaching", icon="grid", order=20,
    audiences=("principal", "deputy_principal", "moral_director", "academic_director", "school_admin", "class_teacher",
               "teacher"),
)  # fmt: skip
navigation.add(
    _("代课与调课"), "timetable:changes_start", group="teaching", icon="swap", order=30,
    audiences=("academic_director", "school_admin"),
)  # fmt: skip
navigation.add(
    _("校历"), "timetable:calendar_start", group="teaching", icon="calendar", order=40,
    rights=(rights.CALENDAR_EDIT, rights.VIEW),
)  # fmt: skip

for _table, _keep in (
    ("timetable_calendarday", "for ever: what a day was"),
    ("timetable_timetable", "for ever: what was taught"),
    ("timetable_lesson", "with its version"),
    ("timetable_lessonteacher", "with its lesson"),
    ("timetable_lessonchange", "for ever: who took whose lesson"),
    ("timetable_timetableimport", "for ever: one row a file"),
    ("timetable_feed", "for ever: one row an address"),
):
    retention.declare(_table, keep=_keep)


def held(_actor: Actor, about: registry.About) -> dict[str, registry.Part]:
    """What a teacher gives, gave away and took over; addresses for calendar programs without their secret."""
    teaches = LessonTeacher.objects.filter(about.named(account=""))
    changes = LessonChange.objects.filter(about.named("original", "") | about.named("substitute", ""))
    return {
        "lessons": registry.part_of(
            teaches, term=F("lesson__timetable__term__name"), version=F("lesson__timetable__number"),
            class_name=F("lesson__class_group__name"), weekday=F("lesson__weekday"), slot=F("lesson__slot"),
            subject=F("lesson__subject"), room=F("lesson__room"),
        ),
        "lesson_changes": registry.part_of(
            changes, "day", "kind", "to_day", "to_slot", "reason", "note", "created_at", "withdrawn_at",
            class_name=F("lesson__class_group__name"), slot=F("lesson__slot"),
        ),
        "calendar_addresses": registry.part_of(
            Feed.objects.filter(about.named("owner", "")), "created_at", "read_on", "revoked_at",
            class_name=F("class_group__name"),
        ),
    }  # fmt: skip


registry.hand_out("timetable", held, "timetable_lessonteacher", "timetable_lessonchange", "timetable_feed")
