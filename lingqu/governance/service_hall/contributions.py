"""What the service hall adds to the shell."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lingqu.foundation.reconciliation import api as reconciliation
from lingqu.foundation.registry import api as registry
from lingqu.foundation.workflow import api as workflow
from lingqu.kernel import navigation, retention, rotation
from lingqu.kernel.actor import Actor

from . import processes, running
from .models import BeyondTransfer, Paper, PaperRequest, Transfer
from .register import is_office
from .selectors.beyond import people_under_way
from .types import rights

navigation.add(_("服务"), "service_hall:hall", place="bar", icon="apps", order=60)
navigation.add(_("服务大厅"), "service_hall:hall", group="service", icon="apps", order=5)
navigation.add(
    _("我的证明"), "service_hall:mine", group="service", icon="certificate", order=32, audiences=("guardian", "student")
)
navigation.add(
    _("证明窗口"), "service_hall:desk", group="service", icon="certificate", order=34, rights=(rights.PAPER_ISSUE,),
)  # fmt: skip
navigation.add(
    _("学位余量"), "service_hall:seats", group="service", icon="matrix", order=36, rights=(rights.SEATS_VIEW,)
)


navigation.add(
    _("跨省转学"),
    "service_hall:beyond",
    group="register",
    icon="transfer",
    order=15,
    rights=(reconciliation.rights.VIEW,),
)


def people_beyond(_actor: Actor, path: str) -> frozenset[UUID]:
    return people_under_way(path)


reconciliation.BEYOND_PROVINCE.fill("service_hall", people_beyond)


def counter_link(actor: Actor, spot: registry.Spot) -> registry.PageLink | None:
    """From a pupil's page to the counter, for whoever gives papers where the child is kept."""
    if not actor.holds(rights.PAPER_ISSUE, spot.path):
        return None
    return registry.PageLink(
        label=str(_("开证明")), url=reverse("service_hall:counter", args=[spot.code]), icon="certificate"
    )  # fmt: skip


def beyond_link(actor: Actor, spot: registry.Spot) -> registry.PageLink | None:
    """From a pupil's page to following a transfer beyond the province."""
    if not actor.holds(reconciliation.rights.WORK, spot.path):
        return None
    url = f"{reverse('service_hall:beyond_new')}?number={spot.code}"
    return registry.PageLink(label=str(_("跟踪跨省转学")), url=url, icon="transfer")


def seats_link(actor: Actor, spot: registry.Spot) -> registry.PageLink | None:
    if not spot.code or not actor.holds(rights.SEATS_VIEW, spot.path) or is_office(spot.code):
        return None
    url = reverse("service_hall:school_seats", args=[spot.code])
    return registry.PageLink(label=str(_("学位余量")), url=url, icon="matrix")


def rules_link(actor: Actor, spot: registry.Spot) -> registry.PageLink | None:
    if not spot.code or not actor.holds(rights.RULES_SET, spot.path) or not is_office(spot.code):
        return None
    url = reverse("service_hall:rules", args=[spot.code])
    return registry.PageLink(label=str(_("办事规则")), url=url, icon="sliders")


registry.PERSON_LINKS.fill("service_hall", counter_link, rights=(rights.PAPER_ISSUE,))
registry.PERSON_LINKS.fill("service_hall_beyond", beyond_link, rights=(reconciliation.rights.WORK,))
registry.ORGANISATION_LINKS.fill("service_hall_seats", seats_link, rights=(rights.SEATS_VIEW,))
registry.ORGANISATION_LINKS.fill("service_hall_rules", rules_link, rights=(rights.RULES_SET,))

for _table, _keep in (
    ("service_hall_placerule", "one row a version of a rule: what counted when a case was decided"),
    ("service_hall_guidenote", "one row an office and service"),
    ("service_hall_seatplan", "one row a school, grade and year"),
    ("service_hall_paperserial", "one row a school, series and year"),
    ("service_hall_paper", "for ever: a paper can be shown and verified long after"),
    ("service_hall_transfer", "for ever: who moved where and on what ground"),
    ("service_hall_beyondtransfer", "for ever: who moved from or to which province, and when"),
    ("service_hall_paperrequest", "for ever: what a family asked and what it was answered"),
):
    retention.declare(_table, keep=_keep)
rotation.declare_sealed("service_hall_paper", "sealed")


def held(_actor: Actor, about: registry.About) -> Mapping[str, registry.Part]:
    """Papers about somebody, and what was asked for or by them."""
    papers = Paper.objects.filter(about.named(account=""))
    asked = PaperRequest.objects.filter(about.named(account="") | about.named("applicant", account=""))
    moved = Transfer.objects.filter(about.named(account=""))
    beyond = BeyondTransfer.objects.filter(about.named(account=""))
    return {
        "transfers_beyond_the_province": registry.part_of(
            beyond, "direction", "school__name", "other_province", "other_school", "serial", "links", "state", "ending", "ended_on"
        ),
        "transfers": registry.part_of(
            moved, "from_school__name", "to_school__name", "grade", "state", "serial", "asked_at", "sits_from", "ended_on"
        ),
        "papers": registry.part_of(papers, "number", "kind", "school__name", "purpose", "issued_at", "valid_until", "revoked_at"),
        "paper_requests": registry.part_of(asked, "kind", "school__name", "purpose", "state", "answer", "asked_at", "decided_at"),
    }  # fmt: skip


registry.hand_out(
    "service_hall", held, "service_hall_paper", "service_hall_paperrequest", "service_hall_transfer", "service_hall_beyondtransfer"
)  # fmt: skip
running.register_handlers()
for _service, _key in processes.KEYS.items():
    workflow.begins_at(_key, partial(reverse, "service_hall:guide", args=[_service]))
