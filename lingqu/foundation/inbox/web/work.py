"""The inbox on the start pages: who has not signed what an office sent; what lies on a school's desks."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor
from lingqu.ui import worklist

from ..selectors import reading, unsigned
from ..types import rights
from ..types.keys import Reader

MOST = 8


def card_of(actor: Actor, place: worklist.Place) -> worklist.Card | None:
    if place.is_school:
        return _desk_card(reading.reader_at(actor, place))
    found = unsigned.unsigned_at(actor, place.path)
    return None if found is None else _unsigned_card(found, sends=actor.holds(rights.SEND, place.path))


def _unsigned_card(found: unsigned.Unsigned, *, sends: bool) -> worklist.Card:
    count = _("%(n)d 个岗位") % {"n": found.posts} if found.posts else ""
    late = _("其中 %(n)d 个已过期限") % {"n": found.overdue} if found.overdue else ""
    return worklist.Card(
        title=_("未签收"), tag=count, tone="coral", meta=late, more=_("全部通知"), more_url=reverse("inbox:notices"),
        start=(_("发通知"), reverse("inbox:new")) if sends else None, empty=_("本单位发出、须签收的通知都签收了。"), rows=tuple(map(_part_row, found.parts)),
    )  # fmt: skip


def _part_row(part: unsigned.Part) -> worklist.Row:
    call = part.calls[0] if part.calls else None
    who = [call.name, call.role, call.phone or "—"] if call else ["—"]
    title = _("%(title)s等 %(n)d 份") % {"title": part.title, "n": part.notices} if part.notices > 1 else part.title
    counts = [(_("未签收 %(n)d") % {"n": part.posts}, ""), (_("过期 %(n)d") % {"n": part.overdue}, "coral")]
    board = reverse("inbox:receipts", args=[part.notice_id]) + "?kind=post"
    return worklist.Row(
        title=part.name, url=f"{board}&org={part.code}" if part.code else board,
        meta=" · ".join(filter(None, (*who, title))),
        tags=(*worklist.due(part.deadline), *counts[: 2 if part.overdue else 1]),
    )  # fmt: skip


def _desk_card(reader: Reader) -> worklist.Card:
    """Notices that wait for a signature and to-dos in one list, the most urgent first; modules with a card of their own
    tell theirs there."""
    work = reading.list_work(reader, MOST, without=worklist.CARDS.names)
    rows = tuple(
        worklist.Row(title=one.title, url=one.url, meta=one.sender, tags=worklist.due(one.due_at)) for one in work.lines
    )
    return worklist.Card(
        title=_("要办的"), tag=_("%(n)d 件") % {"n": work.total} if work.total else "", tone="coral", rows=rows,
        more=_("收件箱"), more_url=reverse("inbox:inbox"), empty=_("没有等着签收或办理的。"),
    )  # fmt: skip
