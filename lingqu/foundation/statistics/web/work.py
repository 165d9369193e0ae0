"""Confirmation sheets on the start page of an office."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor
from lingqu.ui import worklist
from lingqu.ui.figures import short_day

from ..selectors.standing import find_standing
from ..types import rights
from ..types.words import SchoolTerm

MOST = 6


def card_of(actor: Actor, place: worklist.Place) -> worklist.Card | None:
    if place.is_school or not actor.holds(rights.SHEET_VIEW, place.path):
        return None
    found = find_standing(place.path)
    if found is None:
        return None
    count = found.states.get
    done = count("confirmed", 0) + count("received", 0)
    row = worklist.Row(
        title=_("%(done)d / %(total)d 所校长已确认") % {"done": done, "total": sum(found.states.values())},
        url=reverse("statistics:round", args=[found.round_id]), meta=_("%(day)s 截止") % {"day": short_day(found.deadline)},
        parts=(
            (_("已确认"), done, "green"), (_("待校长确认"), count("submitted", 0), "amber"),
            (_("已退回"), count("returned", 0), "violet"), (_("未提交"), count("missing", 0), "neutral"),
        ),
    )  # fmt: skip
    left = tuple(
        worklist.Row(title=name, tags=((_("缺 %(n)d 所") % {"n": number}, "coral"),))
        for name, number in found.left[:MOST]
    )
    term = f"{found.year} {SchoolTerm(found.term).label}"
    return worklist.Card(title=_("数据确认单"), meta=term, rows=(row, *left), side=True)
