"""Telling security administrators: one alert a rule, subject and day; one e-mail for all that is new; nobody is locked out.

Single happenings are noted by the service in which they happen, in its transaction. Two rules look at what has piled up, every
five minutes. Nothing here slows or stops anybody: a school behind one address stays in whatever an alert says.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, clock, crypto, delivery
from lingqu.kernel.actor import Actor, covers, require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, Invalid, NotFound
from lingqu.kernel.ids import uuid7
from lingqu.kernel.language import writing_to
from lingqu.kernel.models import AuditEntry

from .. import register
from ..models import Account, Alert, AlertRecipient, AlertRule, RoleAssignment, SchoolNetwork
from ..selectors import alerts as reading
from ..types import rights
from ..types.words import AlertKind, NetworkSource
from . import throttle

WINDOW, RESET_WINDOW = timedelta(minutes=15), timedelta(hours=1)
LEARNED_FACTOR, LEARNED_FROM, FORGOTTEN_AFTER = 5, 15, timedelta(days=60)
"""How much more a learned network may fail; accounts that come in from one in a day; when one is forgotten."""
MOST_READ, MOST_TOLD, MOST_NOTE = 5000, 500, 300
KEPT = timedelta(days=400)
_NOTE = """
    INSERT INTO identity_alert AS held (id, rule, subject, account_id, path, day, count)
    VALUES (%(id)s, %(rule)s, %(subject)s, %(account)s, %(path)s, %(day)s, %(count)s)
    ON CONFLICT (rule, subject, day) DO UPDATE
       SET last_at = now(), count = CASE WHEN %(piled)s THEN greatest(held.count, excluded.count) ELSE held.count + 1 END
"""
_SPRAYING = """
    SELECT tried.address_blind, count(*)
      FROM (SELECT address_blind, login_blind FROM identity_signinattempt WHERE at >= %(since)s
             GROUP BY 1, 2 HAVING bool_and(outcome <> 'ok')) tried
      LEFT JOIN identity_schoolnetwork known ON known.address_blind = tried.address_blind
     WHERE known.source IS DISTINCT FROM 'set'
     GROUP BY tried.address_blind, known.source
    HAVING count(*) >= %(least)s * CASE WHEN known.source = 'learned' THEN %(factor)s ELSE 1 END
     LIMIT 1000
"""
_LEARN = """
    INSERT INTO identity_schoolnetwork AS held (address_blind, source, name, accounts, added_by)
    SELECT address_blind, 'learned', '', count(DISTINCT account_id), ''
      FROM identity_signinattempt WHERE at >= %(since)s AND outcome = 'ok'
     GROUP BY 1 HAVING count(DISTINCT account_id) >= %(least)s
    ON CONFLICT (address_blind) DO UPDATE SET seen_at = now(), accounts = excluded.accounts
"""


def note(rule: AlertKind, account_id: UUID) -> None:
    """Something happened to an account; part of the caller's transaction. Says nothing while the rule is off."""
    if reading.find_rule(rule) is not None:
        _raise(rule, subject=account_id, account_id=account_id, path=_place_of(account_id))


def note_new_browser(account_id: UUID) -> None:
    """A privileged account came in from a browser that it has not used; the caller knows that it used others before."""
    if reading.is_privileged(account_id):
        note(AlertKind.NEW_BROWSER, account_id)


def watch() -> int:
    """Look at what has piled up; returns how many networks and people stand out."""
    found = 0
    if rule := reading.find_rule(AlertKind.SPRAYING):
        with connection.cursor() as cursor:
            cursor.execute(
                _SPRAYING, {"since": now() - WINDOW, "least": rule.threshold, "factor": LEARNED_FACTOR}
            )  # fmt: skip
            rows = cursor.fetchall()
        for network, logins in rows:
            _raise(AlertKind.SPRAYING, subject=network, path=_top(), piled=logins)
        found += len(rows)
    if rule := reading.find_rule(AlertKind.MASS_RESET):
        issued = AuditEntry.objects.filter(action="identity.code.issued", data__purpose="reset").order_by("-id")
        recent = issued.values_list("account_id", "at")[:MOST_READ]
        actors = Counter(actor for actor, at in recent if actor and at >= now() - RESET_WINDOW)
        busy = {actor: count for actor, count in actors.items() if count >= rule.threshold}
        for actor, count in busy.items():
            _raise(AlertKind.MASS_RESET, subject=actor, account_id=actor, path=_place_of(actor), piled=count)
        found += len(busy)
    return found


def learn_networks() -> None:
    """Many accounts of a day came in from one network: it is a school, until none has for two months."""
    with connection.cursor() as cursor:
        cursor.execute(_LEARN, {"since": now() - timedelta(days=1), "least": LEARNED_FROM})
    SchoolNetwork.objects.filter(source=NetworkSource.LEARNED, seen_at__lt=now() - FORGOTTEN_AFTER).delete()


def tell() -> int:
    """One e-mail a reader with everything that is new; returns how many messages. What was told is not told again."""
    with transaction.atomic():
        fresh = list(Alert.objects.select_for_update(skip_locked=True).filter(told_at=None).order_by("id")[:MOST_TOLD])
        Alert.objects.filter(id__in=[one.id for one in fresh]).update(told_at=now())
        sent = 0
        for address, path in reading.readers():
            lines = Counter(one.rule for one in fresh if not path or covers(path, str(one.path)))
            if lines:
                _write(address, lines)
                sent += 1
    return sent


def mark_seen(*, actor: Actor, alert_id: UUID) -> None:
    """Somebody is looking into it."""
    with transaction.atomic():
        found = reading.get_alert(actor=actor, alert_id=alert_id)
        changed = Alert.objects.filter(id=found.id, seen_at=None).update(seen_at=now(), handled_by=actor.name)
        if changed:
            _trace(actor, "identity.alert.seen", found)


def close(*, actor: Actor, alert_id: UUID, note: str) -> None:
    """It is dealt with; ``note`` says how."""
    found = reading.get_alert(actor=actor, alert_id=alert_id)
    note = " ".join(note.split())[:MOST_NOTE]
    if not note:
        message = _("请写一句怎么处理的。")
        raise Invalid(message, code="note_missing", details={"note": message})
    with transaction.atomic():
        changed = Alert.objects.filter(id=found.id, closed_at=None).update(
            closed_at=now(), seen_at=found.seen_at or now(), handled_by=actor.name, note=note
        )
        if not changed:
            raise Conflict(_("这条告警已经处理。"), code="alert_closed")
        _trace(actor, "identity.alert.closed", found)


def set_rule(*, actor: Actor, code: str, is_on: bool, threshold: int) -> None:
    """Turn a rule on or off, say from how many on it tells; rules without a number keep 0."""
    require(actor.holds_at_top(rights.SECURITY_MANAGE))
    kind = reading.RULES.get(code)
    if kind is None:
        raise NotFound(_("没有这条规则。"))
    if kind.threshold and not 5 <= threshold <= 100_000:
        message = _("数字在5到100000之间。")
        raise Invalid(message, code="threshold_out_of_range", details={"threshold": message})
    with transaction.atomic():
        values = {"is_on": is_on, "threshold": threshold if kind.threshold else 0, "changed_by": actor.name}
        AlertRule.objects.update_or_create(code=code, defaults={**values, "changed_at": now()})
        audit.record(actor, "identity.alert_rule.set", subject_kind="alert_rule", subject_id=code, data=values)


def add_recipient(*, actor: Actor, address: str) -> None:
    """Write to this address too."""
    require(actor.holds_at_top(rights.SECURITY_MANAGE))
    address = address.strip().lower()
    try:
        validate_email(address)
    except ValidationError as fault:
        message = _("请填写一个邮箱地址。")
        raise Invalid(message, code="bad_email", details={"address": message}) from fault
    if AlertRecipient.objects.count() >= reading.MOST_RECIPIENTS:
        raise Conflict(_("最多%(most)d个邮箱。") % {"most": reading.MOST_RECIPIENTS}, code="recipients_full")
    with transaction.atomic():
        made, is_new = AlertRecipient.objects.get_or_create(address=address, defaults={"added_by": actor.name})
        if is_new:
            audit.record(actor, "identity.alert_recipient.added", subject_kind="alert_recipient", subject_id=made.id)


def remove_recipient(*, actor: Actor, recipient_id: int) -> None:
    require(actor.holds_at_top(rights.SECURITY_MANAGE))
    with transaction.atomic():
        if not AlertRecipient.objects.filter(id=recipient_id).delete()[0]:
            raise NotFound(_("没有这个邮箱。"))
        audit.record(actor, "identity.alert_recipient.removed", subject_kind="alert_recipient", subject_id=recipient_id)


def name_network(*, actor: Actor, name: str, address: str = "", alert_id: UUID | None = None) -> None:
    """A network is a school's and raises no alert: by its address, or the one that an alert is about."""
    require(actor.holds_at_top(rights.SECURITY_MANAGE))
    name = " ".join(name.split())[:80]
    if alert_id is not None:
        network = reading.get_alert(actor=actor, alert_id=alert_id).subject
    elif address.strip():
        network = crypto.blind("address", throttle.network_of(address.strip()[:60]))
    else:
        raise Invalid(_("请填写网络地址。"), code="address_missing")
    if not name:
        raise Invalid(_("请写明是哪所学校或单位。"), code="name_missing")
    with transaction.atomic():
        made, _is_new = SchoolNetwork.objects.update_or_create(
            address_blind=network, defaults={"source": NetworkSource.SET, "name": name, "added_by": actor.name}
        )
        audit.record(actor, "identity.network.named", subject_kind="network", subject_id=made.id, data={"name": name})


def refuse_network(*, actor: Actor, network_id: int) -> None:
    """It is no school's: alerts are as strict as anywhere, and it is not learned again."""
    require(actor.holds_at_top(rights.SECURITY_MANAGE))
    with transaction.atomic():
        if not SchoolNetwork.objects.filter(id=network_id).update(source=NetworkSource.REFUSED, added_by=actor.name):
            raise NotFound(_("没有这个网络。"))
        audit.record(actor, "identity.network.refused", subject_kind="network", subject_id=network_id)


def purge() -> int:
    return Alert.objects.filter(last_at__lt=now() - KEPT).delete()[0]


def _raise(rule: AlertKind, *, subject: UUID, path: str, account_id: UUID | None = None, piled: int = 0) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, {
            "id": uuid7(), "rule": rule.value, "subject": subject, "account": account_id, "path": path,
            "day": clock.today(), "count": piled or 1, "piled": piled > 0,
        })  # fmt: skip


def _place_of(account_id: UUID) -> str:
    """Where the account's person belongs; a duty account where its role stands, the outermost first."""
    person = Account.objects.filter(id=account_id).values_list("person__path", flat=True).first()
    if person:
        return str(person)
    held = RoleAssignment.objects.filter(account_id=account_id, ended_at=None).order_by("organisation__path")
    return str(held.values_list("organisation__path", flat=True).first() or _top())


def _top() -> str:
    return str(register.organisations().filter(parent=None).values_list("path", flat=True).get())


def _write(address: str, lines: Counter[str]) -> None:
    """What happened how often, and where to look; no names."""
    with writing_to():
        told = "\n".join(
            _("%(title)s：%(count)d 条") % {"title": AlertKind(rule).label, "count": count}
            for rule, count in lines.most_common()
        )
        subject = _("灵渠安全告警")
        body = _("有新的安全告警：\n\n%(told)s\n\n请登录查看并处理：%(link)s") % {
            "told": told, "link": f"{settings.PUBLIC.geturl()}/alerts",
        }  # fmt: skip
    delivery.send(channel="email", to=address, subject=subject, body=body, kind="identity.alert", subject_kind="alert")


def _trace(actor: Actor, action: str, found: Alert) -> None:
    data: dict[str, Any] = {"rule": found.rule}
    audit.record(actor, action, subject_kind="alert", subject_id=found.id, path=str(found.path), data=data)
