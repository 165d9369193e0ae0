"""What reconciliation adds to the shell, to imports and to the page of a person."""

from __future__ import annotations

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lingqu.foundation.intake import api as intake
from lingqu.foundation.registry import api as registry
from lingqu.kernel import navigation, retention, rotation
from lingqu.kernel.actor import Actor

from .matching.grouping import WORK_TABLES
from .matching.staging import stage_file
from .models import Case, FileEntry, Ticket
from .selectors.boards import count_todo
from .types import rights

navigation.group("register", gettext_lazy("学籍"), order=25)
navigation.add(
    gettext_lazy("人籍核对"), "reconciliation:board", group="register", icon="exchange", order=10, rights=(rights.VIEW,),
    badge=count_todo,
)  # fmt: skip
navigation.add(
    gettext_lazy("关键数据变更"),
    "reconciliation:tickets",
    group="register",
    icon="edit",
    order=20,
    rights=(rights.VIEW,),
)


def keep_national_file(_actor: Actor, read: intake.PupilsRead) -> None:
    stage_file(read)


def ticket_link(actor: Actor, spot: registry.Spot) -> registry.PageLink | None:
    if not actor.holds(rights.WORK, spot.path):
        return None
    return registry.PageLink(
        label=_("登记关键数据变更"), url=reverse("reconciliation:ticket_new", args=[spot.code]), icon="file"
    )


intake.PUPILS_READ.fill("reconciliation", keep_national_file)
registry.PERSON_LINKS.fill("reconciliation", ticket_link, rights=(rights.WORK,))

retention.declare("reconciliation_nationalfile", keep="one row a national file: when it came and how many rows it had")
retention.declare("reconciliation_fileentry", keep="until a newer file of the same place was compared")
retention.declare("reconciliation_listedchild", keep="until the next list of the same place")
retention.declare("reconciliation_run", keep="one row a file: the history of reconciliation")
retention.declare("reconciliation_tally", keep="with its run: a few rows for each school")
retention.declare("reconciliation_case", keep="as long as the register: who put what right, and when a file agreed")
retention.declare("reconciliation_reminder", keep="one row a 催办: who was told, and when")
retention.declare("reconciliation_ticket", keep="as long as the register")
retention.declare("reconciliation_evidence", keep="with its case or ticket")

rotation.declare_sealed("reconciliation_listedchild", "sealed")
rotation.declare_sealed("reconciliation_ticket", "wanted_sealed")
rotation.declare_index(
    "reconciliation_case", "key",
    where="key IN (SELECT id_blind FROM reconciliation_fileentry UNION SELECT id_blind FROM reconciliation_listedchild)",
)  # fmt: skip
rotation.declare_index("reconciliation_fileentry", "group_key", where="group_key = id_blind")
rotation.declare_index("reconciliation_fileentry", "id_blind", "number_blind")
rotation.declare_index("reconciliation_listedchild", "id_blind")
rotation.declare_index("reconciliation_ticket", "wanted_digest")
rotation.declare_working(*WORK_TABLES)


def held(_actor: Actor, about: registry.About) -> dict[str, registry.Part]:
    """Rows of national files, cases and changes of key data of a pupil."""
    mine = about.named(account="")
    return {
        "national_file_rows": registry.part_of(
            FileEntry.objects.filter(mine), "name", "sex", "birth_date", "id_shown", "number_shown", "state", "grade",
            "entry_on", "faults", as_of=F("file__as_of"), school_name=F("school__name"),
        ),
        "reconciliation_cases": registry.part_of(
            Case.objects.filter(mine), "bucket", "cause", "state", "handling", "note", "since", "seen_on", "closed_on",
            school_name=F("school__name"),
        ),
        "key_data_changes": registry.part_of(
            Ticket.objects.filter(mine), "field", "wanted_shown", "reason", "state", "opened_at", "closed_on"
        ),
    }  # fmt: skip


registry.hand_out("reconciliation", held, "reconciliation_fileentry", "reconciliation_case", "reconciliation_ticket")
