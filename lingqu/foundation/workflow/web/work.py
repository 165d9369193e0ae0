"""Processes on the start pages: the steps that wait for the actor."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.foundation.inbox import api as inbox
from lingqu.kernel.actor import Actor
from lingqu.ui import worklist

from .. import policies
from ..selectors import worklist as steps

MOST = 6


def card_of(actor: Actor, place: worklist.Place) -> worklist.Card | None:
    keys = policies.keys_of(actor, inbox.keys_at(actor, place))
    found, count = steps.first_tasks(actor, keys, MOST)
    rows = tuple(
        worklist.Row(
            title=one.title, url=reverse("workflow:task", args=[one.id]),
            meta=" · ".join(filter(None, (one.number, one.name, one.starter))), tags=worklist.due(one.due_at),
        )
        for one in found
    )  # fmt: skip
    return worklist.Card(
        title=_("等我办的"), tag=_("%(n)d 件") % {"n": count} if count else "", tone="amber", rows=rows, side=True,
        more=_("逐件办理") if count else "", more_url=reverse("workflow:tasks"), empty=_("没有等你办的申请。"),
    )  # fmt: skip
