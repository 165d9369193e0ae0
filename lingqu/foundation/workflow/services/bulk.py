"""Several steps at once: the same decision, return or hand-on for open steps of one process and node, each in a transaction of
its own. What is refused is named and the others go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import DomainError, Invalid

from ..selectors.worklist import Chosen
from . import acting, passing

RETURN, HAND_ON = "return", "hand_on"
"""Beside the decisions that the step offers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one step; ``refusal`` is empty when it was done."""

    case_id: UUID
    number: str
    title: str
    starter: str
    refusal: str = ""


def act_on(*, actor: Actor, chosen: Chosen, act: str, comment: str = "", to: str = "") -> list[Result]:
    """``act``: a decision of the step, ``return`` to the applicant, or ``hand_on`` to somebody. Raises :class:`Invalid` for
    anything else, and for a missing reason, before anything is done."""
    how = _how(actor, chosen, act, comment, to)
    results = []
    for line in chosen.lines:
        refusal = ""
        try:
            how(line.id)
        except DomainError as error:
            refusal = error.message or _("不由您办理。")
        results.append(
            Result(case_id=line.case_id, number=line.number, title=line.title, starter=line.starter, refusal=refusal)
        )
    return results


def _how(actor: Actor, chosen: Chosen, act: str, comment: str, to: str) -> Callable[[UUID], object]:
    needs = {one.code: one.needs_comment for one in chosen.outcomes}
    if not comment.strip() and (act == RETURN or needs.get(act)):
        raise Invalid(_("请写明理由。"), code="no_comment")
    if act in needs and not chosen.asks:
        return lambda task_id: acting.complete(actor=actor, task_id=task_id, decision=act, comment=comment)
    if act == RETURN and chosen.may_return:
        return lambda task_id: acting.return_back(actor=actor, task_id=task_id, comment=comment)
    if act == HAND_ON and chosen.may_hand_on:
        return lambda task_id: passing.hand_on(actor=actor, task_id=task_id, to=to, comment=comment)
    raise Invalid(_("这一步不能这样批量办理。"), code="no_such_act")
