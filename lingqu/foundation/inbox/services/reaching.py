"""Sends the remindings that are due: finds whom they concern, makes one message a person, and notes who was reached.

Every step is a transaction of its own, so a killed run goes on where it stopped: a reminder is marked in the transaction
that queues its message. Whom it concerns is looked at again when the message leaves (``still_holds``)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
from ..types.words import Cause, Channel, Outcome, RoundCause
from . import calling_out

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
    sent: set[UUID] = set()
    texted: dict[str, UUID] = {}
    while (made := _send_page(texted)) is not None:
        sent |= made
        jobs.checkpoint()
    with connection.cursor() as cursor:
        cursor.execute(CLOSE_SQL, [clock.now()])
    return len(sent)


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
            cursor.execute(LIST_SQL, {**reminders.missing_values(notice.id), "round": found.id})
            found.missing = int(cursor.fetchone()[0])
        found.listed_at = at
        if found.cause == Cause.AUTOMATIC:
            calling_out.plan(notice, RoundCause.REMINDED)
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
def _send_page(texted: dict[str, UUID]) -> set[UUID] | None:
    """One message to each of the next people, for everything that waits for them; None when nothing waits. ``texted``:
    the SMS of this run by phone."""
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
    done = _write_to_all(by_reader, texted)
    Reminder.objects.bulk_update(done, ["channel", "message_id", "sent_at"])
    Reminder.objects.filter(id__in={row.id for row in rows} - {row.id for row in done}).delete()
    return {row.message_id for row in done if row.message_id is not None}


def _write_to_all(by_reader: dict[UUID, list[Reminder]], texted: dict[str, UUID]) -> list[Reminder]:
    """Queue the messages and mark their reminders; returns those. One SMS a phone, however many people share it."""
    mailboxes = identity.mailboxes_of(by_reader)
    phones = registry.phones_of(mailboxes)
    wanted = {row.notice_id for rows in by_reader.values() for row in rows}
    notices = {one.id: one for one in Notice.objects.filter(id__in=wanted).select_related("organisation")}
    done: list[Reminder] = []
    by_phone: dict[str, list[Reminder]] = defaultdict(list)
    languages: dict[str, str] = {}
    mails = _mails(mailboxes, {reader: _concerned(by_reader[reader], notices) for reader in mailboxes})
    for reader, mailbox in mailboxes.items():
        rows = by_reader[reader]
        if reader in mails:
            done += _marked(rows, Channel.EMAIL, mails[reader])
        elif reader in phones:
            by_phone[phones[reader]] += rows
            languages.setdefault(phones[reader], mailbox.language)
    for phone, rows in by_phone.items():
        if phone not in texted:
            with writing_to(languages[phone]):
                message_id = _write_sms(rows[0].reader_id, _concerned(rows, notices), phone)
            if message_id is None:
                continue
            texted[phone] = message_id
        done += _marked(rows, Channel.SMS, texted[phone])
    return done


def _concerned(rows: Iterable[Reminder], notices: dict[UUID, Notice]) -> list[Notice]:
    return [notices[one] for one in dict.fromkeys(row.notice_id for row in rows)]


def _marked(rows: list[Reminder], channel: str, message_id: UUID) -> list[Reminder]:
    for row in rows:
        row.channel, row.message_id, row.sent_at = channel, message_id, clock.now()
    return rows


def _mails(mailboxes: Mapping[UUID, identity.Mailbox], concerned: Mapping[UUID, Sequence[Notice]]) -> dict[UUID, UUID]:
    """The message by reader, for all who can be reached by e-mail now. Those of whom the same is asked in the same language
    read the same letter."""
    letters: dict[tuple[str, tuple[UUID, ...]], tuple[str, str]] = {}
    mails = []
    for reader, mailbox in mailboxes.items():
        if mailbox.email:
            notices = concerned[reader]
            same = (mailbox.language, tuple(one.id for one in notices))
            if same not in letters:
                with writing_to(mailbox.language):
                    letters[same] = (_title(notices), _letter(notices))
            subject, body = letters[same]
            mails.append(delivery.Mail(to=mailbox.email, subject=subject, body=body, subject_id=reader))
    made = delivery.send_mails(mails, kind=MESSAGE, subject_kind="person", valid_for=VALID_FOR)
    return {mail.subject_id: message for mail, message in zip(mails, made, strict=True) if message is not None}


def _write_sms(reader: UUID, notices: Sequence[Notice], phone: str) -> UUID | None:
    """Sender and number only: phones of the register are not proved, and carriers take approved words. The message's id; None
    where the phone may not be used now. The office of the notice pays."""
    words = {"sender": notices[-1].organisation.name, "count": str(len(notices))}
    body = _("%(sender)s有%(count)s份通知等您确认，请登录平台的收件箱办理。") % words
    try:
        return delivery.send(
            channel="sms", to=phone, subject="", body=body, kind=MESSAGE, subject_kind="person", subject_id=reader,
            valid_for=VALID_FOR, params=words, charge_to=notices[-1].organisation_id,
        )  # fmt: skip
    except (delivery.BadAddress, delivery.NotAdmitted, TooMany):
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
