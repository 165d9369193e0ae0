"""What identity adds to the shell: the role switcher and the way to one's own account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock, delivery, navigation, retention, rotation
from lingqu.kernel import rights as kernel_rights
from lingqu.kernel.actor import Actor
from lingqu.ui.figures import moment
from lingqu.ui.looks import ANNOUNCEMENTS, LANGUAGE_CHOSEN, PLACES

from . import factor_first, policies, roles
from .models import DataFile, SlipBatch
from .selectors import accounts, counts
from .selectors.alerts import count_open as count_open_alerts
from .services import texting
from .services.standing import choose_language
from .types import rights
from .types.values import Standing
from .types.words import AccountState


def place_of(actor: Actor, request: HttpRequest) -> dict[str, Any] | None:
    """The chosen role with its place, and the others to choose from; nothing for an account without a role."""
    standing: Standing | None = getattr(request, "standing", None)
    if standing is None or not actor.role:
        return None
    choices = [choice for choice in standing.choices if choice.is_live(clock.now())]
    shown = [
        {
            "value": choice.key, "role": roles.title_of(choice.role),
            "organisation": choice.organisation_name or choice.detail,
            "current": choice.role == actor.role and choice.organisation_id == actor.organisation_id,
        }
        for choice in choices
    ]  # fmt: skip
    here = next((one["organisation"] for one in shown if one["current"]), "")
    return {
        "role": roles.title_of(actor.role), "organisation": here, "url": reverse("identity:choose_role"), "icon": "",
        "choices": shown,
    }  # fmt: skip


def keep_language(actor: Actor, language: str) -> None:
    """The account remembers what a signed-in visitor switched to."""
    if actor.is_signed_in:
        choose_language(actor=actor, language=language)


PLACES.fill("identity", place_of)
LANGUAGE_CHOSEN.fill("identity", keep_language)
ANNOUNCEMENTS.fill("identity", factor_first.announce)
navigation.group("mine", _("我的"), order=900)
navigation.add(_("我的账号与权限"), "identity:me", group="mine", icon="staff", order=10)
TEACHING = ("class_teacher", "teacher", "principal", "deputy_principal", "moral_director", "academic_director")
navigation.add(_("机房上课"), "identity:computer_room", group="mine", icon="screen", order=20, audiences=TEACHING)
navigation.add(_("班级大屏"), "identity:screens", group="mine", icon="qr", order=21, audiences=TEACHING)
navigation.group("safety", _("账号与安全"), order=60)
navigation.add(
    _("账号开通"), "identity:start", group="safety", icon="key", order=10,
    audiences=("class_teacher", "school_admin", "principal", "county_admin"),
)  # fmt: skip
navigation.add(_("登不上"), "identity:helping", group="safety", icon="doctor", order=15, rights=(rights.ACCOUNT_RESET,))
navigation.add(_("角色授权"), "identity:roles", group="safety", icon="shield", order=20, rights=(rights.ROLE_VIEW,))
navigation.add(
    _("账号使用情况"), "identity:figures", group="safety", icon="pulse", order=18, rights=(rights.FIGURES_VIEW,)
)  # fmt: skip
navigation.add(
    _("两步验证要求"), "identity:factor_rule", group="safety", icon="shield-check", order=25,
    rights=(rights.SECURITY_MANAGE,), at_top=True,
)  # fmt: skip
navigation.add(
    _("安全告警"), "identity:alerts", group="safety", icon="bell", order=24, rights=(rights.SECURITY_MANAGE,),
    badge=count_open_alerts,
)  # fmt: skip
navigation.add(
    _("操作记录"), "identity:audit", group="safety", icon="trail", order=30, rights=(kernel_rights.AUDIT_VIEW,)
)

navigation.add(
    _("短信模板"), "identity:sms_templates", group="safety", icon="mobile", order=40, rights=(rights.SMS_MANAGE,)
)
delivery.GATES["identity"] = texting.admit
delivery.declare_kind("identity.phone_code", _("验证手机"), "code")
delivery.declare_kind("identity.invitation", _("邀请教职工开通"), "name", "link", "days")
delivery.declare_kind("identity.claim_confirmed", _("家长认领已确认"))
delivery.declare_kind("identity.claim_refused", _("家长认领未确认"))
delivery.declare_kind("identity.guardian_ended", _("监护关系有变动"))

TONES = {"new": "warn", "active": "good", "locked": "bad", "closed": "neutral"}


def account_lines(actor: Actor, person_id: UUID) -> tuple[registry.AccountLine, ...] | None:
    """The 账号 card on a person's page, for those who may see the account."""
    account = accounts.find_account_of(person_id)
    if account is None or account.id == actor.account_id or not policies.may_see_account(actor, account):
        return None
    last = account.last_login
    detail = str(_("登录名 %(login)s") % {"login": account.login})
    if last:
        detail += " · " + str(_("最近登录 %(day)s") % {"day": moment(last)})
    return (
        registry.AccountLine(
            title=str(_("账号")), detail=detail, state_label=str(AccountState(account.state).label),
            tone=TONES[account.state], url=reverse("identity:person_account", args=[account.login]),
            url_label=str(_("办理")),
        ),
    )  # fmt: skip


def class_link(actor: Actor, spot: registry.Spot) -> registry.PageLink | None:
    """The way from a class to its accounts and slips."""
    is_mine = actor.holds(rights.ACCOUNT_VIEW, spot.path) or spot.id in actor.things(rights.ACCOUNT_VIEW, "class")
    if not is_mine:
        return None
    return registry.PageLink(
        label=str(_("账号与开通单")), url=reverse("identity:class_accounts", args=[spot.id]), icon="ticket"
    )


def organisation_link(actor: Actor, spot: registry.Spot) -> registry.PageLink | None:
    """The way from a school or office to its accounts."""
    if not spot.code or not actor.holds(rights.ACCOUNT_VIEW, spot.path):
        return None
    return registry.PageLink(
        label=str(_("账号开通")), url=reverse("identity:school_accounts", args=[spot.code]), icon="ticket"
    )


def guardians_link(actor: Actor, spot: registry.Spot) -> registry.PageLink | None:
    """The way from a child to the guardians who may lose access."""
    if not actor.holds(rights.ACCOUNT_RESET, spot.path) and not policies.may_decide_claim(actor, spot.id):
        return None
    return registry.PageLink(
        label=str(_("取消监护人")), url=reverse("identity:guardians", args=[spot.code]), icon="family"
    )


registry.PERSON_LINKS.fill("identity", guardians_link, rights=(rights.ACCOUNT_RESET,))
registry.PERSON_ACCOUNTS.fill("identity", account_lines, rights=(rights.ACCOUNT_VIEW, rights.ACCOUNT_LOCK))
registry.CLASS_LINKS.fill("identity", class_link, rights=(rights.ACCOUNT_VIEW,))
registry.ORGANISATION_LINKS.fill("identity", organisation_link, rights=(rights.ACCOUNT_VIEW,))
registry.ACCOUNT_COUNT.fill("identity", lambda actor, path: counts.count_accounts(path))

for _table, _keep, _by in (
    ("identity_account", "for life of the person", ""),
    ("identity_roleassignment", "for ever: who held which role", ""),
    ("identity_knowndevice", "400 days after the last visit", "identity.purge_identity"),
    ("identity_activationcode", "400 days after its end", "identity.purge_identity"),
    ("identity_phonecode", "one day after its end", "identity.purge_sign_in"),
    ("identity_guardianclaim", "for ever: one row a claim, phone and password forgotten when decided", ""),
    ("identity_invitation", "400 days", "identity.purge_identity"),
    ("identity_invitationround", "400 days", "identity.purge_identity"),
    ("identity_datafile", "30 days, its file one day", "identity.purge_identity"),
    ("identity_slipbatch", "30 days, its file one day", "identity.purge_identity"),
    ("identity_signinattempt", "seven months", "identity.purge_identity"),
    ("identity_ssosession", "seven months after its end", "identity.purge_identity"),
    ("identity_classsession", "seven months after its end", "identity.purge_identity"),
    ("identity_screenrequest", "one day after its end", "identity.purge_identity"),
    ("identity_roomseat", "with its class session", "identity.purge_identity"),
    ("identity_classpin", "until it is reset, at most as long as the account", ""),
    ("identity_classcard", "as long as the account", ""),
    ("identity_onetimeapp", "until it is turned off", ""),
    ("identity_signinfigures", "until the next hour", "identity.count_sign_ins"),
    ("identity_alert", "400 days after its latest happening", "identity.purge_identity"),
    ("identity_alertrule", "for ever: one row a rule", ""),
    ("identity_alertrecipient", "until it is removed", ""),
    (
        "identity_schoolnetwork",
        "named ones until removed, learned ones two months after use",
        "identity.purge_identity",
    ),
    ("identity_passkey", "until it is removed", ""),
    ("identity_factorrule", "for ever: one row", ""),
    ("identity_recoverycode", "until the second factor is turned off", ""),
    ("identity_realnameproof", "as long as the account: when and by what a name was checked, revoked ones too", ""),
    ("identity_sliderchallenge", "an hour after its end", "identity.purge_sign_in"),
    ("identity_guardianrevocation", "ten years after the decision, with its document", "identity.purge_identity"),
    ("identity_smstemplate", "one row a kind of message", ""),
    ("identity_smsbudget", "one row a place with a number of its own", ""),
    ("identity_smsuse", "three years, one row a place and month", "identity.purge_identity"),
    ("identity_throttle", "until the bucket is empty", "identity.purge_sign_in"),
):
    retention.declare(_table, keep=_keep, by=_by)

rotation.declare_sealed("identity_phonecode", "sealed")
rotation.declare_sealed("identity_guardianclaim", "sealed")
rotation.declare_sealed("identity_guardianrevocation", "sealed")
rotation.declare_sealed("identity_onetimeapp", "sealed")
rotation.declare_index("identity_recoverycode", "code_hash")
rotation.declare_index("identity_account", "verified_phone_blind")
rotation.declare_index("identity_knowndevice", "device_blind")
rotation.declare_index("identity_activationcode", "code_hash", "sent_phone")
rotation.declare_index("identity_guardianclaim", "phone_blind")
rotation.declare_index("identity_ssosession", "address_blind")
rotation.declare_index("identity_classsession", "code_hash")
rotation.declare_index("identity_screenrequest", "browser_hash", "code_hash")
rotation.declare_index("identity_roomseat", "browser_hash")
rotation.declare_index("identity_classcard", "code_hash")
rotation.declare_index("identity_schoolnetwork", "address_blind")
rotation.declare_index("identity_alert", "subject", where="rule = 'spraying'")
rotation.declare_index("identity_signinattempt", "login_blind", "address_blind")
rotation.declare_fleeting("identity_sliderchallenge", "challenges of two minutes")
rotation.declare_fleeting("identity_phonecode", "codes of ten minutes")
rotation.declare_fleeting("identity_throttle", "buckets that empty within hours")
rotation.declare_files(
    "identity_slipbatch", lambda: SlipBatch.objects.exclude(digest="").values_list("digest", flat=True)
)
rotation.declare_files(
    "identity_datafile", lambda: DataFile.objects.exclude(digest="").values_list("digest", flat=True)
)
registry.keep_back(
    "identity: part of the account's own parts (selectors.own)",
    "identity_account", "identity_roleassignment", "identity_knowndevice", "identity_activationcode", "identity_guardianclaim",
    "identity_signinattempt", "identity_ssosession", "identity_classsession", "identity_roomseat", "identity_passkey",
    "identity_realnameproof", "identity_datafile", "identity_alert", "identity_invitation",
)  # fmt: skip
registry.keep_back(
    "secrets: PIN, card, authenticator app, recovery codes", "identity_classpin", "identity_classcard", "identity_onetimeapp",
    "identity_recoverycode",
)  # fmt: skip
registry.keep_back("names another person and a document", "identity_guardianrevocation")
