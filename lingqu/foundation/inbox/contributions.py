"""What the inbox adds to the shell."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lingqu.kernel import navigation, retention

from .types import rights

navigation.group("mail", _("往来"), order=10)
navigation.add(_("收件箱"), "inbox:inbox", group="mail", icon="mail", order=10)
navigation.add(
    _("通知与回执"), "inbox:notices", group="mail", icon="notice", order=20, rights=(rights.SEND, rights.FOLLOW)
)
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
