"""Collection on the start pages: tables that come back to an office, tables that a school owes."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor
from lingqu.ui import worklist

from ..selectors import running
from ..types import rights
from ..types.words import REPORTED, AnswerState

TAGS = {
    AnswerState.RETURNED: "violet", AnswerState.WAITING: "indigo", AnswerState.FILLING: "amber",
    AnswerState.UNOPENED: "coral",
}  # fmt: skip


def card_of(actor: Actor, place: worklist.Place) -> worklist.Card | None:
    """An office sees what comes back, a school what it owes; each only with a right at the place itself."""
    if place.is_school:
        seen = any(actor.holds(code, place.path) for code in (rights.FILL, rights.SIGN, rights.VIEW))
        return _school_card(place) if seen else None
    seen = any(actor.holds(code, place.path) for code in (rights.MANAGE, rights.VIEW))
    return _office_card(actor, place) if seen else None


def _office_card(actor: Actor, place: worklist.Place) -> worklist.Card:
    found = running.running_at(place.path)
    manages = actor.holds(rights.MANAGE, place.path)
    return worklist.Card(
        title=_("报送正在回来"), tag=_("%(n)d 张表") % {"n": found.total} if found.total else "", tone="brand",
        more=_("本月已向学校要 %(n)d 张表") % {"n": found.asked}, more_url=reverse("collection:month"),
        start=(_("新建采集"), reverse("collection:new")) if manages else None, empty=_("没有正在填报的表。"), rows=tuple(_running_row(one, manages=manages) for one in found.tables),
    )  # fmt: skip


def _running_row(one: running.Running, *, manages: bool) -> worklist.Row:
    done, back = (sum(one.states.get(state, 0) for state in states) for states in (REPORTED, (AnswerState.RETURNED,)))
    signed, accepted = one.states.get(AnswerState.SIGNED, 0), one.states.get(AnswerState.ACCEPTED, 0)
    url = reverse("collection:remind", args=[one.id])
    label = _("提醒 %(n)d 所") % {"n": one.missing}
    return worklist.Row(
        title=one.title, url=reverse("collection:board", args=[one.id]), tags=worklist.due(one.deadline) if one.missing else ((_("报齐了"), "green"),),
        meta=_("%(done)d / %(total)d 所已报") % {"done": done, "total": one.total},
        parts=(
            (_("审过"), accepted, "brand"), (_("待审"), signed, "green"), (_("已退回"), back, "violet"),
            (_("未报"), one.missing - back, "neutral"),
        ),
        post=worklist.Post(label=label, url=url, is_main=worklist.is_near(one.deadline)) if manages and one.missing else None,
    )  # fmt: skip


def _school_card(place: worklist.Place) -> worklist.Card:
    found, count = running.owed_by(place.path)
    rows = tuple(
        worklist.Row(
            title=one.title, url=reverse("collection:fill", args=[one.answer_id]),
            meta=" · ".join(filter(None, (one.office, one.reason))),
            tags=((str(one.state.label), TAGS[one.state]), *worklist.due(one.deadline)),
        )
        for one in found
    )  # fmt: skip
    return worklist.Card(
        title=_("要填的表"), tag=_("%(n)d 张") % {"n": count} if count else "", tone="coral", rows=rows,
        more=_("全部"), more_url=reverse("collection:index"), empty=_("没有要填的表。"),
    )  # fmt: skip
