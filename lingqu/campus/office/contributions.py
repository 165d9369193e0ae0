"""What leave and substitution add to the shell, to the register's pages and to the timetable."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lingqu.foundation.registry import api as registry
from lingqu.foundation.timetable import api as timetable
from lingqu.foundation.workflow import api as workflow
from lingqu.kernel import navigation, retention, rotation
from lingqu.kernel.actor import Actor

from . import policies
from .models import Absence, Cover
from .selectors.absences import teachers_away
from .services import asking
from .types import rights
from .types.processes import RECORD, WEIGH

timetable.TEACHERS_AWAY.fill("office", teachers_away)
workflow.register(WEIGH, asking.weigh, label="按天数定谁批假")
workflow.register(RECORD, asking.record, label="登记请假")
rotation.declare_sealed("office_absence", "sealed")
for _table, _keep in (
    ("office_absence", "for ever: who was on leave; the basis of attendance and pay"),
    ("office_cover", "with its absence: who was asked and what they said"),
    ("office_leaverule", "two rows a place that set them"),
    ("office_onlineleave", "one row a place that switched it on or off"),
):
    retention.declare(_table, keep=_keep)


def held(_actor: Actor, about: registry.About) -> Mapping[str, registry.Part]:
    """Leave of somebody with its kind and symptoms, and lessons they were asked to take."""
    leave = Absence.objects.filter(about.named(account=""))
    covers = Cover.objects.filter(about.named("substitute", ""))
    return {
        "leave": registry.part_of(
            leave,
            "kind_name",
            "starts_on",
            "ends_on",
            "days",
            "symptoms",
            "asked_by",
            "way",
            "returned_on",
            "withdrawn_at",
        ),
        "substitution": registry.part_of(
            covers, "day", "state", "answered_at", class_name=F("change__lesson__class_group__name")
        ),
    }


registry.hand_out("office", held, "office_absence", "office_cover")


def class_link(actor: Actor, spot: registry.Spot) -> registry.PageLink | None:
    """From a class to its register of leave."""
    if not policies.may_see_class(actor, spot.id, spot.path):
        return None
    return registry.PageLink(label=str(_("请假")), url=reverse("office:class", args=[spot.id]), icon="calendar")


def rules_link(actor: Actor, spot: registry.Spot) -> registry.PageLink | None:
    """From a school or an office to its kinds of leave and limits."""
    if not spot.code or not policies.may_set_rules(actor, spot.path):
        return None
    return registry.PageLink(label=str(_("假别与天数")), url=reverse("office:rules", args=[spot.code]), icon="clock")


registry.CLASS_LINKS.fill("office", class_link, rights=(rights.PUPIL_VIEW,))
registry.ORGANISATION_LINKS.fill("office", rules_link, rights=(rights.RULES,))
navigation.add(
    _("教师请假"), "office:staff_start", group="teaching", icon="calendar", order=28, rights=(rights.STAFF_VIEW,)
)
navigation.add(
    _("我的代课"), "office:covers", group="teaching", icon="swap", order=15, audiences=("class_teacher", "teacher")
)
navigation.add(
    _("学生请假"), "office:pupils_start", group="teaching", icon="pupil", order=35, rights=(rights.PUPIL_RECORD,)
)
navigation.add(
    _("请假"),
    "office:ask",
    group="service",
    icon="calendar",
    order=15,
    audiences=("guardian", "teacher", "class_teacher"),
)
