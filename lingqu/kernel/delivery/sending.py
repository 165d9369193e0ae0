"""From ``send`` to the carrier: one sealed row, one job, a limit for each destination.

Destination and text stand in the row only sealed, and are forgotten when the message has left, failed or expired.
Logs name channel, kind and id.
"""

from __future__ import annotations

import json
import logging
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy

from .. import crypto, limits
from ..clock import now
from ..errors import Invalid
from ..jobs import job, wait_before
from ..models import Message
from .aliyun import ask_report
from .backends import backend_for, needs_template
from .gate import LAST_LOOKS, Planned, admit
from .letters import Later, Letter, Refused, Template, TryAgain, Undeliverable

log = logging.getLogger("lingqu.delivery")
CHANNELS = ("email", "sms", "robot")
MOST_TRIES = 5
REPORTS_FOR = timedelta(hours=24)
PER_DESTINATION = {"email": ((20, 3600),), "sms": ((1, 50), (5, 3600), (10, 86_400)), "robot": ((200, 3600),)}
"""(messages, seconds) a destination may get: nobody is flooded through us, and SMS costs money."""
_FORMS = {
    "email": re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,255}"),
    "sms": re.compile(r"\+?[0-9]{5,15}"),
    "robot": re.compile(r"[a-z]+ https?://[!-~]{1,1000}"),
}


_BAD = {
    "email": gettext_lazy("邮箱地址的格式不对。"), "sms": gettext_lazy("电话号码的格式不对。"),
    "robot": gettext_lazy("群机器人的地址格式不对。"),
}  # fmt: skip


class BadAddress(Invalid):
    """The destination cannot be an e-mail address or a phone number."""

    code = "bad_address"


def send(
    *,
    channel: str,
    to: str,
    subject: str,
    body: str,
    kind: str,
    subject_kind: str = "",
    subject_id: object = "",
    valid_for: timedelta = timedelta(hours=24),
    params: Mapping[str, str] | None = None,
    charge_to: UUID | None = None,
    secret: str = "",
) -> UUID:
    """Queue one message in the open transaction and return its id; it leaves after commit, or not at all.

    ``kind`` says what it is about (``identity.code``), ``subject_*`` whom it concerns (ids). A message that has not
    left within ``valid_for`` expires. For an SMS ``params`` are the values of its template's variables and ``charge_to`` the
    organisation that pays. For a group's robot ``to`` is the service and its address, ``secret`` signs. Raises :class:`BadAddress`, :class:`TooMany` when the destination had its share, and what the
    gates say: no approved template, budget used up, stopped.
    """
    if channel not in CHANNELS:
        raise ValueError(f"channel is one of {CHANNELS}, not {channel!r}")
    destination = to.strip().lower()
    if not _FORMS[channel].fullmatch(destination):
        raise BadAddress(str(_BAD[channel]))
    for most, seconds in PER_DESTINATION[channel]:
        limits.hit(f"delivery:{channel}:{seconds}:{destination}", most, seconds)
    with transaction.atomic():
        held = {"to": to.strip(), "subject": subject, "body": body, **({"secret": secret} if secret else {})}
        if channel == "sms":
            held |= _templated(kind, params or {}, charge_to)
        message = Message.objects.create(
            channel=channel, kind=kind, subject_kind=subject_kind, subject_id=str(subject_id),
            sealed=crypto.seal_fields(held),
            expires_at=now() + valid_for,
        )  # fmt: skip
        carry.defer(message_id=str(message.pk))
    return message.pk


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """An e-mail to one person among many; ``subject_id``: whom it concerns."""

    to: str
    subject: str
    body: str
    subject_id: UUID


def send_mails(mails: Sequence[Mail], *, kind: str, subject_kind: str, valid_for: timedelta) -> list[UUID | None]:
    """Queue e-mails as :func:`send` does, in three statements for all of them. In their order: the id, or None where the
    address is none or had its share, of which one call is one."""
    fit = {to for mail in mails if _FORMS["email"].fullmatch(to := mail.to.strip().lower())}
    for most, seconds in PER_DESTINATION["email"]:
        names = {f"delivery:email:{seconds}:{to}": to for to in fit}
        fit = {names[key] for key in limits.hit_each(names, most, seconds)}
    chosen = [mail for mail in mails if mail.to.strip().lower() in fit]
    sealed = crypto.seal_all({"to": one.to.strip(), "subject": one.subject, "body": one.body} for one in chosen)
    rows = {
        id(mail): Message(
            channel="email", kind=kind, subject_kind=subject_kind, subject_id=str(mail.subject_id), sealed=held,
            expires_at=now() + valid_for,
        )
        for mail, held in zip(chosen, sealed, strict=True)
    }  # fmt: skip
    Message.objects.bulk_create(rows.values())
    carry.defer_each({"message_id": str(row.pk)} for row in rows.values())
    return [rows[id(mail)].pk if id(mail) in rows else None for mail in mails]


def _templated(kind: str, params: Mapping[str, str], charge_to: UUID | None) -> dict[str, str]:
    """Ask the gates; what they chose goes with the letter."""
    wanted = Planned(kind=kind, params=params, charge_to=charge_to, needs_template=needs_template("sms"))
    chosen = admit(wanted)
    if chosen is None:
        return {}
    told = {"code": chosen.code, "sign_name": chosen.sign_name, "params": dict(chosen.params)}
    return {"template": json.dumps(told, ensure_ascii=False)}


def find_message(message_id: UUID) -> Message | None:
    return Message.objects.filter(pk=message_id).first()


def states_of(message_ids: Iterable[UUID]) -> dict[UUID, str]:
    """``queued``, ``sent``, ``failed`` or ``expired`` by id; messages that are forgotten already are left out."""
    return dict(Message.objects.filter(pk__in=list(message_ids)).values_list("pk", "state"))


def withdraw(*, subject_kind: str, subject_ids: Iterable[object]) -> int:
    """Messages about these subjects that have not left never will; returns how many."""
    waiting = Message.objects.filter(
        subject_kind=subject_kind, subject_id__in=[str(one) for one in subject_ids], state="queued"
    )
    return waiting.update(state="expired", error="withdrawn", sealed=None, done_at=now())


def count_recent(*, subject_kind: str, subject_id: object, seconds: int) -> int:
    """Messages about one subject in the last ``seconds``."""
    since = now() - timedelta(seconds=seconds)
    return Message.objects.filter(subject_kind=subject_kind, subject_id=str(subject_id), created_at__gte=since).count()


@job(queue="messages", retry=0)
def carry(*, message_id: str) -> None:
    """Hand one message to its backend.

    A crash between the hand-over and its note may send it twice, never not at all.
    """
    with transaction.atomic():
        message = Message.objects.select_for_update(skip_locked=True).filter(pk=message_id, state="queued").first()
        if message is None:
            return
        if message.expires_at <= now():
            _close(message, "expired")
            return
        if message.kind in LAST_LOOKS and not LAST_LOOKS[message.kind](message.pk):
            _close(message, "expired", error="withdrawn")
            return
        message.tries += 1
        try:
            with transaction.atomic():
                carried = backend_for(message.channel)(_open(message))
        except Undeliverable as refusal:
            _close(message, "failed", error=_cause(refusal))
        except Later as refusal:
            _wait(message, refusal)
        except TryAgain as refusal:
            _try_later(message, _cause(refusal))
        except Exception as error:  # noqa: BLE001  a carrier may fail in any way; the row says how, and it is tried again
            _try_later(message, type(error).__qualname__)
        else:
            _close(message, "sent", provider_id=carried or "")


def ask_reports(*, most: int = 50) -> int:
    """Ask the SMS service what became of messages it took; returns how many are known now. Nobody asks after a day."""
    rows = Message.objects.filter(report="waiting").order_by("reported_at", "id")[:most]
    settled = 0
    for message in rows:
        is_old = message.done_at is not None and message.done_at < now() - REPORTS_FOR
        try:
            report, error = ("unknown", "") if is_old else _report_of(message)
        except Refused as refusal:
            log.warning("no report of message %s: %s", message.pk, refusal.code)
            report, error = "waiting", ""
        message.report, message.error, message.reported_at = report, error, now()
        if report != "waiting":
            message.sealed, settled = None, settled + 1
        message.save(update_fields=["report", "error", "sealed", "reported_at"])
    return settled


@job(queue="messages", every="*/2 * * * *")
def collect_reports() -> None:
    """Reports of the SMS service."""
    ask_reports()


def _report_of(message: Message) -> tuple[str, str]:
    if not needs_template(message.channel) or message.done_at is None:
        return "unknown", ""
    to = crypto.unseal_fields(message.sealed)["to"]
    return ask_report(to=to, provider_id=message.provider_id, sent_at=message.done_at)


def _cause(refusal: Refused) -> str:
    return refusal.code or type(refusal).__qualname__


def _open(message: Message) -> Letter:
    fields = crypto.unseal_fields(message.sealed)
    told = json.loads(fields["template"]) if "template" in fields else None
    template = (
        Template(code=told["code"], sign_name=told["sign_name"], params=tuple(told["params"].items())) if told else None
    )
    return Letter(
        template=template, id=message.pk, channel=message.channel, to=fields["to"], subject=fields.get("subject", ""),
        body=fields.get("body", ""), secret=fields.get("secret", ""),
    )  # fmt: skip


def _try_later(message: Message, error: str) -> None:
    log.warning("message %s (%s, %s) failed: %s", message.pk, message.channel, message.kind, error)
    if message.tries >= MOST_TRIES:
        _close(message, "failed", error=error)
        return
    message.error = error
    message.save(update_fields=["tries", "error"])
    carry.defer(message_id=str(message.pk), _in_seconds=wait_before(message.tries + 2))


def _wait(message: Message, refusal: Later) -> None:
    """Not a try: the destination takes no more for the moment. Until it expires."""
    message.tries, message.error = message.tries - 1, _cause(refusal)
    message.save(update_fields=["tries", "error"])
    carry.defer(message_id=str(message.pk), _in_seconds=refusal.seconds * random.uniform(1.0, 1.5))


def _close(message: Message, state: str, error: str = "", provider_id: str = "") -> None:
    """Text and destination are forgotten; a message that the service took keeps the destination until its report."""
    kept = crypto.seal_fields({"to": crypto.unseal_fields(message.sealed)["to"]}) if provider_id else None
    message.state, message.error, message.sealed, message.done_at = state, error, kept, now()
    message.provider_id, message.report = provider_id, "waiting" if provider_id else ""
    message.save(
        update_fields=["state", "error", "sealed", "done_at", "tries", "provider_id", "report"],
    )
