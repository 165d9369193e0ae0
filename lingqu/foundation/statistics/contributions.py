"""What statistics add to the shell."""

from __future__ import annotations

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from lingqu.foundation.registry import api as registry
from lingqu.foundation.timetable import api as timetable
from lingqu.kernel import navigation, retention
from lingqu.kernel.actor import Actor
from lingqu.ui import worklist

from .models import Pseudonym, SnapshotPupil, SnapshotStaff
from .selectors.conditions import room_names
from .types import rights
from .web import work

timetable.SCHOOL_ROOMS.fill("conditions", room_names)

navigation.group("statistics", _("统计"), order=35)
navigation.add(
    _("统计底表"), "statistics:snapshots", group="statistics", icon="table", order=10, rights=(rights.SNAPSHOT_VIEW,)
)
navigation.add(
    _("数据确认"),
    "statistics:rounds",
    group="statistics",
    icon="clipboard-check",
    order=20,
    rights=(rights.SHEET_VIEW,),
)
worklist.CARDS.fill("statistics", work.card_of, rights=(rights.SHEET_VIEW,), order=60)
for table in ("snapshot", "snapshotschool", "snapshotpupil", "snapshotstaff", "snapshotclass", "snapshotchange"):
    retention.declare(f"statistics_{table}", keep="for good: a year's statistics under pseudonyms")
retention.declare("statistics_pseudonym", keep="as long as the person; erasing it breaks the link")
retention.declare("statistics_round", keep="one row a term and region")
retention.declare("statistics_sheet", keep="one row a submission: what the principal signed")
retention.declare("statistics_classcheck", keep="with its round: what the school compared class by class")
retention.declare("statistics_reminder", keep="with its round: who was reminded when")
retention.declare("statistics_conditions", keep="one row a save of a school's year")
retention.declare("statistics_room", keep="with its conditions")


def held(_actor: Actor, about: registry.About) -> dict[str, registry.Part]:
    """Rows of frozen statistics that stand for the person under a pseudonym."""
    keys = list(Pseudonym.objects.filter(about.named(account="")).values_list("key", flat=True))
    taken_on = F("snapshot__taken_on")
    return {
        "statistics_as_pupil": registry.part_of(
            SnapshotPupil.objects.filter(key__in=keys), "grade", "sex", "age", "register_state", "attendance", "boarding",
            "migrant", "left_behind", "included", "household", taken_on=taken_on,
        ),
        "statistics_as_staff": registry.part_of(
            SnapshotStaff.objects.filter(key__in=keys), "works", "employs", "employment_kind", "sex", "age", "title",
            "degree", "education", "subject", "stage", "full_time_teacher", taken_on=taken_on,
        ),
    }  # fmt: skip


registry.hand_out("statistics", held, "statistics_pseudonym")
