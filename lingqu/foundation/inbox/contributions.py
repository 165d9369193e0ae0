"""What the inbox adds to the shell."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import delivery, navigation, retention, rotation
from lingqu.kernel.actor import Actor
from lingqu.ui import looks, worklist

from . import register
from .models import News, Receipt, Reminder
from .services import reaching
from .types import rights
from .web import work

navigation.group("mail", _("往来"), order=10)
navigation.add(_("收件箱"), "inbox:inbox", group="mail", icon="mail", order=10)
navigation.add(
    _("通知与回执"), "inbox:notices", group="mail", icon="notice", order=20, rights=(rights.SEND, rights.FOLLOW)
)


def bell(actor: Actor, request: HttpRequest) -> looks.Bell | None:
    """For everybody who is a person: accounts of machines and of bare offices have no inbox."""
    if actor.person_id is None:
        return None
    return looks.Bell(url=reverse("inbox:inbox"), refresh=reverse("inbox:bell"))


looks.BELL.fill("inbox", bell)
worklist.CARDS.fill("inbox", work.card_of, order=20)
for _table, _keep in (
    ("inbox_notice", "for ever: what an organisation announced"),
    ("inbox_noticeserial", "one row an organisation and year"),
    ("inbox_noticetarget", "with its notice: a handful of rows"),
    ("inbox_receipt", "with its notice: the proof of who confirmed"),
    ("inbox_step", "with its notice"),
    ("inbox_attachment", "with its notice"),
    ("inbox_sum", "with its notice: one row a kind of receipt"),
    ("inbox_reminder", "with its notice: who was really reminded"),
    ("inbox_reminderround", "with its notice: a handful of rows"),
    ("inbox_quiethours", "one row an office that set them"),
    ("inbox_robot", "one row a group"),
    ("inbox_groupround", "with its notice: a handful of rows"),
    ("inbox_todo", "for ever: one row a thing that a module asked for"),
):
    retention.declare(_table, keep=_keep)
retention.declare("inbox_news", keep="180 days", by="inbox.purge_messages")
retention.declare("inbox_newsseen", keep="with its message", by="inbox.purge_messages")
rotation.declare_sealed("inbox_robot", "sealed")
delivery.declare_kind(reaching.MESSAGE, _("提醒确认通知"), "sender", "count")
delivery.LAST_LOOKS[reaching.MESSAGE] = reaching.still_holds


def quiet_hours_link(actor: Actor, spot: registry.Spot) -> registry.PageLink | None:
    """The way from an office to the hours in which nothing leaves."""
    if not spot.code or not actor.holds(rights.QUIET, spot.path) or not register.is_office(spot.code):
        return None
    return registry.PageLink(
        label=str(_("安静时间")), url=reverse("inbox:quiet_hours", args=[spot.code]), icon="clock"
    )  # fmt: skip


registry.ORGANISATION_LINKS.fill("inbox", quiet_hours_link, rights=(rights.QUIET,))


def held(_actor: Actor, about: registry.About) -> Mapping[str, registry.Part]:
    """Notices that were read and confirmed by or for somebody."""
    rows = Receipt.objects.filter(about.named(account=""))
    got = Reminder.objects.filter(about.named(account="") | about.named("reader", account=""), sent_at__isnull=False)
    own = Q(address__in=[f"person:{one}" for one in about.person_ids])
    told = News.objects.filter(own & (Q(about=None) | about.named("about", account="")))
    return {
        "messages": registry.part_of(told, "text", "at"),
        "reminders": registry.part_of(got, "notice__number", "notice__title", "channel", "sent_at"),
        "notices": registry.part_of(rows, "notice__number", "notice__title", "read_at", "confirmed_at", "way", "note"),
    }


registry.hand_out("inbox", held, "inbox_receipt", "inbox_reminder", "inbox_news")
registry.keep_back("when a message was on the screen; its words stand among the messages", "inbox_newsseen")
registry.keep_back("an address of somebody else's notice; what was read stands in the receipts", "inbox_noticetarget")
registry.keep_back("how an organisation handled a notice", "inbox_step")
