"""Where a service is begun, for whom: the button on its guide."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.foundation.reconciliation import api as reconciliation
from lingqu.kernel.actor import Actor

from .. import processes
from ..types import rights
from ..types.words import PaperKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    label: str
    url: str


def action_of(actor: Actor, service: str) -> Action | None:
    """None: nothing is begun here by this reader; the guide says who and where."""
    if service == "seats":
        return Action(label=_("查空余学位"), url=reverse("service_hall:public_seats"))
    if service in PaperKind.values:
        if actor.role in ("guardian", "student"):
            return Action(label=_("马上办理"), url=reverse("service_hall:ask", args=[service]))
        if actor.has(rights.PAPER_ISSUE):
            return Action(label=_("到证明窗口"), url=reverse("service_hall:desk"))
        return None if actor.is_signed_in else Action(label=_("登录后办理"), url=_entrance(service))
    if service == "key_data" and actor.has(reconciliation.rights.WORK):
        return Action(label=_("关键数据变更台账"), url=reverse("reconciliation:tickets"))
    if service == "beyond" and actor.has(reconciliation.rights.WORK):
        return Action(label=_("跨省转学跟踪"), url=reverse("service_hall:beyond"))
    if service in processes.KEYS and service != "withdrawal":
        return _begin(actor, service)
    return None


def _begin(actor: Actor, service: str) -> Action | None:
    """A case of the process engine; 转学 begins by choosing the new school."""
    if not actor.is_signed_in:
        return Action(label=_("登录后办理"), url=_entrance(service))
    if actor.role not in ("guardian", "student"):
        return None
    if service == "key_data" and actor.role != "guardian":
        return None
    if service == "transfer":
        return Action(label=_("选择转入学校"), url=reverse("service_hall:move"))
    return Action(label=_("马上办理"), url=f"{reverse('service_hall:begin', args=[service])}")


def _entrance(service: str) -> str:
    return f"{reverse('identity:sign_in')}?next={reverse('service_hall:guide', args=[service])}"
