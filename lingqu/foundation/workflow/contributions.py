"""What processes add to the shell."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import lags, navigation, retention
from lingqu.kernel.actor import Actor
from lingqu.ui import worklist

from .models import Case, Task
from .types import rights
from .web import work

navigation.group("service", _("办事"), order=12)
navigation.add(_("待办事项"), "workflow:tasks", group="service", icon="clipboard-check", order=10)
navigation.add(_("发起申请"), "workflow:start", group="service", icon="plus", order=20)
navigation.add(_("我的办件"), "workflow:mine", group="service", icon="folder", order=30)
navigation.add(_("办件查询"), "workflow:cases", group="service", icon="search", order=40, rights=(rights.CASE_VIEW,))
navigation.add(_("办件档案"), "workflow:archive", group="service", icon="archive", order=45, rights=(rights.CASE_VIEW,))
navigation.add(
    _("需处理的办件"), "workflow:stuck", group="service", icon="warning", order=50, rights=(rights.CASE_MANAGE,)
)
navigation.add(_("办件统计"), "workflow:figures", group="service", icon="chart", order=60, rights=(rights.CASE_VIEW,))
navigation.add(
    _("流程与表单"),
    "workflow:processes",
    group="service",
    icon="route",
    order=70,
    rights=(rights.DEFINE, rights.PUBLISH),
)

worklist.CARDS.fill("workflow", work.card_of, order=50)

for _table, _keep, _by in (
    ("workflow_definitionversion", "for ever: cases name the version they ran on", ""),
    ("workflow_case", "for ever: one row a case", ""),
    ("workflow_caseserial", "one row an organisation and year", ""),
    ("workflow_casedata", "with its case", ""),
    ("workflow_task", "180 days after the end of its case, then packed", "workflow.archive_cases"),
    ("workflow_caselog", "180 days after the end of its case, then packed", "workflow.archive_cases"),
    ("workflow_call", "180 days after the end of its case, then packed", "workflow.archive_cases"),
    ("workflow_timer", "until it fires", "workflow.fire_timers"),
    ("workflow_subscription", "until it is met or its step ends", ""),
    ("workflow_casefile", "with its case", ""),
    ("workflow_casearchive", "with its case", ""),
    ("workflow_casepaper", "with its case: papers outside have to be confirmed for ever", ""),
    ("workflow_caseseal", "with its case: sealed files outside have to be confirmed for ever", ""),
):
    retention.declare(_table, keep=_keep, by=_by)

lags.declare(
    "timers",
    lags.Queue(
        "SELECT t.due_at AS at FROM workflow_timer t JOIN workflow_case c ON c.id = t.case_id"
        " WHERE t.due_at <= now() AND c.paused_at IS NULL AND c.ended_at IS NULL"
    ),
)


def held(_actor: Actor, about: registry.About) -> Mapping[str, registry.Part]:
    """Cases that somebody started or that are about them, with the forms; and the steps they did."""
    cases = Case.objects.filter(about.named("starter", account="") | about.named("subject", account=""))
    done = Task.objects.filter(about.named("actor", account=""))
    return {
        "cases": registry.part_of(cases, "number", "title", "state", "started_at", "ended_at", form=F("data__fields")),
        "case_steps": registry.part_of(done, "name", "decision", "comment", "ended_at", case_number=F("case__number")),
    }


registry.hand_out("workflow", held, "workflow_case", "workflow_task")
registry.keep_back("the history of a case; the steps that somebody did are handed out", "workflow_caselog")
registry.keep_back("files of a case, which its page hands out", "workflow_casefile")
