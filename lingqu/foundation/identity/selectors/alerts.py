"""Alerts for security administrators, and the rules behind them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import NotFound
from lingqu.kernel.pages import Page, page_of

from ..models import Alert, AlertRecipient, AlertRule, RoleAssignment, SchoolNetwork
from ..types import rights
from ..types.values import AlertRuleFact
from ..types.words import DUTY_ROLES, AlertKind, NetworkSource
from .standing import live_assignments

PRIVILEGED: tuple[str, ...] = (*DUTY_ROLES, "county_admin")
"""Granted roles whose sign-ins from new browsers are told."""
MOST_NETWORKS, MOST_RECIPIENTS = 100, 10
Text = str | Promise


@dataclass(frozen=True, slots=True)
class Rule:
    text: Text
    threshold: int = 0
    unit: Text = ""


RULES: dict[str, Rule] = {
    AlertKind.SPRAYING: Rule(
        _("同一网络在15分钟内输错了很多个登录名，而且都没有登录成功。学校的网络放宽：登记的不告警，自动认出的按5倍。"),
        30, _("个登录名"),
    ),
    AlertKind.NEW_BROWSER: Rule(_("系统、安全、审计、操作员和县区管理员的账号，第一次在一个没用过的浏览器里登录。")),
    AlertKind.RECOVERY_CODE: Rule(_("有人用备用码通过了两步验证。")),
    AlertKind.MASS_RESET: Rule(_("同一个人在一小时内给很多人发了重设密码的码。"), 30, _("个账号")),
    AlertKind.FACTOR_DROPPED: Rule(_("管理员替人关闭了两步验证，或管理账号自己关闭了。")),
    AlertKind.PASSKEY_COPIED: Rule(_("通行密钥的计数倒退，这次登录已拒绝。")),
}  # fmt: skip
"""The few rules: what each tells, and from how many on."""


def list_rules() -> tuple[AlertRuleFact, ...]:
    """All rules as they hold now."""
    changed = {row.code: row for row in AlertRule.objects.all()}
    return tuple(
        AlertRuleFact(
            code=code, title=str(AlertKind(code).label), text=str(rule.text), unit=str(rule.unit),
            is_on=changed[code].is_on if code in changed else True,
            threshold=changed[code].threshold if code in changed else rule.threshold,
        )
        for code, rule in RULES.items()
    )  # fmt: skip


def find_rule(code: str) -> AlertRuleFact | None:
    """The rule if it is on."""
    return next((rule for rule in list_rules() if rule.code == code and rule.is_on), None)


def list_alerts(*, actor: Actor, with_closed: bool = False, cursor: str = "", limit: int = 30) -> Page[Alert]:
    """Alerts of the actor's places, the latest first."""
    rows = _seen_by(actor).select_related("account")
    if not with_closed:
        rows = rows.filter(closed_at=None)
    return page_of(rows, order=("-last_at", "-id"), limit=limit, cursor=cursor)


def count_open(actor: Actor) -> int:
    """Alerts that nobody has looked at yet."""
    return int(_seen_by(actor).filter(closed_at=None, seen_at=None).count())


def get_alert(*, actor: Actor, alert_id: UUID) -> Alert:
    found: Alert | None = _seen_by(actor).filter(id=alert_id).first()
    if found is None:
        raise NotFound(gettext("没有这条告警。"))
    return found


def list_networks(*, actor: Actor) -> tuple[SchoolNetwork, ...]:
    """Networks that count as schools, the named ones first."""
    require(actor.holds_at_top(rights.SECURITY_MANAGE))
    rows = SchoolNetwork.objects.exclude(source=NetworkSource.REFUSED).order_by("-source", "-accounts", "id")
    return tuple(rows[:MOST_NETWORKS])


def list_recipients(*, actor: Actor) -> tuple[AlertRecipient, ...]:
    require(actor.holds_at_top(rights.SECURITY_MANAGE))
    return tuple(AlertRecipient.objects.order_by("address")[:MOST_RECIPIENTS])


def is_privileged(account_id: UUID) -> bool:
    live = RoleAssignment.objects.filter(live_assignments(now()), account_id=account_id, role__in=PRIVILEGED)
    return live.exists()


def readers() -> tuple[tuple[str, str], ...]:
    """(e-mail, path) of everybody who is written to: security administrators with a verified address at their place, and the
    addresses that were set, at the top (an empty path)."""
    at = now()
    held = RoleAssignment.objects.filter(live_assignments(at), role="security_admin", account__state="active")
    own = held.exclude(account__verified_email="").values_list("account__verified_email", "organisation__path")
    found = {(address, str(path)) for address, path in own}
    found |= {(address, "") for address in AlertRecipient.objects.values_list("address", flat=True)[:MOST_RECIPIENTS]}
    return tuple(sorted(found))


def _seen_by(actor: Actor) -> QuerySet[Alert]:
    wanted = Q(pk__in=[])
    for path in actor.paths(rights.SECURITY_MANAGE):
        wanted |= Q(path__within=path)
    return Alert.objects.all() if actor.is_system else Alert.objects.filter(wanted)
