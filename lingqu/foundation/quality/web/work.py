"""Quality on the start page of an office: the schools with the gravest findings."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.ui import worklist

from ..selectors.gravest import Grave, gravest_schools
from ..types import QUALITY_VIEW

MOST = 5


def card_of(actor: Actor, place: worklist.Place) -> worklist.Card | None:
    if place.is_school or not actor.holds(QUALITY_VIEW, place.path):
        return None
    known = gravest_schools(place.path, MOST)
    if known is None:
        return None
    found, count = known
    return worklist.Card(
        title=_("数据问题，按学校"), tag=_("%(n)d 所") % {"n": count} if count else "", tone="coral", meta=_("阻断先办"),
        more=_("数据质量"), more_url=reverse("quality:start"), rows=tuple(map(_row, found)),
        empty=_("最近一次检查没有发现问题。"),
    )  # fmt: skip


def _row(one: Grave) -> worklist.Row:
    tags = (
        (_("阻断 %(n)d"), one.blocks, "coral"), (_("待核 %(n)d"), one.reviews, "amber"), (_("提示 %(n)d"), one.hints, ""),
    )  # fmt: skip
    since = _("最久 %(n)d 天") % {"n": (today() - one.oldest).days} if one.oldest else ""
    return worklist.Row(
        title=one.name, url=reverse("quality:place", args=[one.code]) if one.code else "",
        meta=" · ".join(filter(None, (one.reason, since))),
        tags=tuple((label % {"n": number}, tone) for label, number, tone in tags if number),
    )  # fmt: skip
