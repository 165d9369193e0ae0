"""What the inbox adds to the shell."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import navigation, retention
from lingqu.kernel.actor import Actor
from lingqu.ui import looks

from .models import Receipt
from .types import rights

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
for _table, _keep in (
    ("inbox_notice", "for ever: what an organisation announced"),
    ("inbox_noticeserial", "one row an organisation and year"),
    ("inbox_noticetarget", "with its notice: a handful of rows"),
    ("inbox_receipt", "with its notice: the proof of who confirmed"),
    ("inbox_step", "with its notice"),
    ("inbox_attachment", "with its notice"),
    ("inbox_todo", "for ever: one row a thing that a module asked for"),
):
    retention.declare(_table, keep=_keep)


def held(_actor: Actor, about: registry.About) -> Mapping[str, registry.Part]:
    """Notices that were read and confirmed by or for somebody."""
    rows = Receipt.objects.filter(about.named(account=""))
    return {
        "notices": registry.part_of(rows, "notice__number", "notice__title", "read_at", "confirmed_at", "way", "note")
    }


registry.hand_out("inbox", held, "inbox_receipt")
registry.keep_back("an address of somebody else's notice; what was read stands in the receipts", "inbox_noticetarget")
registry.keep_back("how an organisation handled a notice", "inbox_step")
