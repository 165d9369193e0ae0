"""Sends the remindings that are due: finds whom they concern, makes one message a person, and notes who was reached.

Every step is a transaction of its own, so a killed run goes on where it stopped: a reminder is marked in the transaction
that queues its message. Whom it concerns is looked at again when the message leaves (``still_holds``)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.foundation.identity import api as identity
from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, clock, delivery, jobs
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import TooMany
from lingqu.kernel.language import writing_to
from lingqu.ui.figures import moment

from ..models import Notice, Reminder, ReminderRound
from ..selectors import reminders
from ..types.words import Cause, Channel, Outcome

MESSAGE = "inbox.reminder"
PAGE = 200
"""People a transaction."""
MOST_TITLES = 10
VALID_FOR = timedelta(hours=6)
FAILED_WITHIN = timedelta(days=2)
LIST_SQL = f"""WITH {reminders.MISSING}, {registry.READERS_SQL}, made AS (
  INSERT INTO inbox_reminder (round_id, notice_id, kind, post_id, person_id, reader_id, channel)
  SELECT %(round)s, %(notice)s, kind, CASE WHEN kind = 'post' THEN subject END, CASE WHEN kind <> 'post' THEN subject END,
    id, '' FROM reader ON CONFLICT DO NOTHING)
SELECT count(*) FROM missing"""  # noqa: S608
REACHED = "(SELECT count(*) FROM (SELECT DISTINCT kind, subject FROM inbox_reminder m WHERE m.round_id = r.id) s)"
CLOSE_SQL = f"""UPDATE inbox_reminderround r SET ended_at = %s, outcome = 'sent', reached = {REACHED}
WHERE r.listed_at IS NOT NULL AND r.ended_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM inbox_reminder m WHERE m.round_id = r.id AND m.sent_at IS NULL)"""  # noqa: S608
FORGET_SQL = """WITH gone AS (DELETE FROM inbox_reminder m USING kernel_message k
  WHERE k.id = m.message_id AND k.state IN ('failed', 'expired') AND k.created_at > %s RETURNING m.round_id)
SELECT DISTINCT round_id FROM gone"""
RECOUNT_SQL = f"UPDATE inbox_reminderround r SET reached = {REACHED} WHERE r.id = ANY(%s)"  # noqa: S608


def send_due() -> int:
    """Everything that may leave now; returns how many messages were queued."""
    forget_failed()
    for round_id in list(_open_rounds().filter(listed_at=None, due_at__lte=clock.now()).values_list("id", flat=True)):
        list_round(round_id)
        jobs.checkpoint()
    sent = 0
    while (made := _send_page()) is not None:
        sent += made
        jobs.checkpoint()
    with connection.cursor() as cursor:
        cursor.execute(CLOSE_SQL, [clock.now()])
    return sent


def _open_rounds() -> QuerySet[ReminderRound]:
    return ReminderRound.objects.filter(ended_at=None)


@transaction.atomic
def list_round(round_id: int) -> None:
    """Write down whom a round concerns, in one statement; or put it off until the quiet hours end."""
    rows = _open_rounds().select_for_update(skip_locked=True, of=("self",)).select_related("notice__organisation")
    found = rows.filter(id=round_id, listed_at=None).first()
    if found is None:
        return
    notice, at = found.notice, clock.now()
    allowed = reminders.allowed_from(notice, at)
    is_late = found.cause == Cause.AUTOMATIC and notice.deadline is not None and notice.deadline <= allowed
    if is_late or not reminders.is_valid(notice):
        found.outcome, found.ended_at = Outcome.LATE if is_late else Outcome.ENDED, at
    elif allowed > at:
        found.due_at = allowed
    else:
        with connection.cursor() as cursor:
            cursor.execute(LIST_SQL, {"round": found.id, "notice": notice.id})
            found.missing = int(cursor.fetchone()[0])
        found.listed_at = at
        if found.cause == Cause.AUTOMATIC:
            audit.record(
                Actor.system("inbox"), "inbox.notice.reminded", subject_kind="inbox.notice", subject_id=notice.id,
                path=str(notice.path), data={"cause": found.cause, "missing": found.missing},
            )  # fmt: skip
    found.save()


def _rounds_to_send() -> list[int]:
    """Listed rounds of notices for which it is not quiet now."""
    at = clock.now()
    rows = _open_rounds().exclude(listed_at=None).select_related("notice__organisation").order_by("id")
    return [one.id for one in rows if reminders.allowed_from(one.notice, at) <= at]


@transaction.atomic
def _send_page() -> int | None:
    """One message to each of the next people, for everything that waits for them; None when nothing waits."""
    waiting = Reminder.objects.filter(sent_at=None, round_id__in=_rounds_to_send())
    readers = list(waiting.order_by("reader_id").values_list("reader_id", flat=True).distinct()[:PAGE])
    rows = list(waiting.filter(reader_id__in=readers).select_for_update(skip_locked=True).order_by("id"))
    if not rows:
        return None
    holding = reminders.still_holding([row.id for row in rows])
    by_reader: dict[UUID, list[Reminder]] = defaultdict(list)
    for row in rows:
        if row.id in holding:
            by_reader[row.reader_id].append(row)
    sent = _write_to_all(by_reader)
    done = [row for reader in sent for row in by_reader[reader]]
    Reminder.objects.bulk_update(done, ["channel", "message_id", "sent_at"])
    Reminder.objects.filter(id__in={row.id for row in rows} - {row.id for row in done}).delete()
    return len(sent)


def _write_to_all(by_reader: dict[UUID, list[Reminder]]) -> list[UUID]:
    """Queue the messages and mark their reminders; returns who got one."""
    mailboxes = identity.mailboxes_of(by_reader)
    phones = registry.phones_of(mailboxes)
    wanted = {row.notice_id for rows in by_reader.values() for row in rows}
    notices = {one.id: one for one in Notice.objects.filter(id__in=wanted).select_related("organisation")}
    at, sent = clock.now(), []
    for reader, rows in by_reader.items():
        if reader not in mailboxes:
            continue
        concerned = [notices[one] for one in dict.fromkeys(row.notice_id for row in rows)]
        found = _write(reader, concerned, mailboxes[reader], phones.get(reader, ""))
        if found is not None:
            sent.append(reader)
            for row in rows:
                row.channel, row.message_id, row.sent_at = found.channel, found.message_id, at
    return sent


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    channel: str
    message_id: UUID


def _write(reader: UUID, notices: Sequence[Notice], mailbox: identity.Mailbox, phone: str) -> _Sent | None:
    """By e-mail to a proved address, else by SMS; None when neither may be used."""
    with writing_to(mailbox.language):
        sender = notices[-1].organisation.name
        words = {Channel.EMAIL: (_title(notices), _letter(notices)), Channel.SMS: ("", _short(sender, len(notices)))}
        for channel, to in ((Channel.EMAIL, mailbox.email), (Channel.SMS, phone)):
            if not to:
                continue
            try:
                message_id = delivery.send(
                    channel=channel, to=to, subject=words[channel][0], body=words[channel][1], kind=MESSAGE,
                    subject_kind="person", subject_id=reader, valid_for=VALID_FOR,
                    params={"sender": sender, "count": str(len(notices))}, charge_to=notices[-1].organisation_id,
                )  # fmt: skip
            except (delivery.BadAddress, delivery.NotAdmitted, TooMany):
                continue
            return _Sent(channel=channel, message_id=message_id)
    return None


def _title(notices: Sequence[Notice]) -> str:
    if len(notices) == 1:
        return _("请确认：%(title)s") % {"title": notices[0].title}
    return _("有 %(count)d 份通知等您确认") % {"count": len(notices)}


def _letter(notices: Sequence[Notice]) -> str:
    """Titles with links; no names of children."""
    lines = [_("这些通知还没有确认，请打开链接办理：")]
    for one in notices[:MOST_TITLES]:
        values = {"sender": one.organisation.name, "title": one.title}
        until = _("%(when)s 截止") % {"when": moment(one.deadline)} if one.deadline else ""
        lines.append("\n".join(filter(None, (_("%(sender)s：%(title)s") % values, until, link_of(one)))))
    if len(notices) > MOST_TITLES:
        lines.append(_("其余 %(count)d 份在收件箱里。") % {"count": len(notices) - MOST_TITLES})
    lines.append(_("已经确认的请不用理会。"))
    return "\n\n".join(lines)


def _short(sender: str, count: int) -> str:
    return _("%(sender)s有%(count)d份通知等您确认，请登录平台的收件箱办理。") % {"sender": sender, "count": count}


def link_of(notice: Notice) -> str:
    return f"{settings.PUBLIC.geturl()}{reverse('inbox:notice', args=[notice.id])}"


def still_holds(message_id: UUID) -> bool:
    """Asked when a message is about to leave: whether everything it reminds of still has its cause and its reader may be
    written to. If not, nobody was reminded by it."""
    rows = list(Reminder.objects.filter(message_id=message_id))
    readers = {row.reader_id for row in rows}
    ids = {row.id for row in rows}
    if rows and reminders.still_holding(list(ids)) == ids and set(identity.mailboxes_of(readers)) == readers:
        return True
    Reminder.objects.filter(id__in=ids).delete()
    _recount({row.round_id for row in rows})
    return False


def forget_failed() -> None:
    """Whose message was refused or expired was not reminded."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET_SQL, [clock.now() - FAILED_WITHIN])
        _recount({row[0] for row in cursor.fetchall()})


def _recount(round_ids: Iterable[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT_SQL, [list(round_ids)])
