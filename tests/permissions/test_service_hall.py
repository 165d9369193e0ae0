"""Service hall: every role × every action, at the own school and at one of another county. A refusal writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import transaction

from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.identity.roles import ROLES
from lingqu.foundation.reconciliation.models import Ticket
from lingqu.foundation.registry import api as registry
from lingqu.governance.service_hall.models import BeyondTransfer, GuideNote, Paper, PaperRequest, PlaceRule, SeatPlan
from lingqu.governance.service_hall.selectors import beyond as follow
from lingqu.governance.service_hall.selectors import papers as reading
from lingqu.governance.service_hall.selectors import rules as rule_reading
from lingqu.governance.service_hall.selectors import seats
from lingqu.governance.service_hall.services import beyond, key_data, papers, rules
from lingqu.governance.service_hall.services import seats as planning
from lingqu.governance.service_hall.testing import make_beyond, make_paper, make_request
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Forbidden, Invalid
from lingqu.kernel.models import AuditEntry

from .world import Node, World, actor_of, build_world

pytestmark = pytest.mark.django_db


def _asked(node: Node) -> PaperRequest:
    return make_request(node.pupil, node.parent, node.school)


def _paper(node: Node) -> Paper:
    return make_paper(node.pupil, node.school)


def _plan(actor: Actor, node: Node) -> None:
    lines = [planning.Planned(school_code=node.school.code, grade="G05", classes=2)]
    try:
        planning.save_plan(actor=actor, year=registry.current_school_year(), lines=lines)
    except Invalid as refusal:
        raise Forbidden() from refusal


def _set_rule(actor: Actor, node: Node) -> None:
    values = rule_reading.shipped()["seats"].values
    rules.set_rule(
        actor=actor, organisation_code=node.county.code, kind="seats", values=values, source="x", valid_from=today()
    )


def _beyond(node: Node) -> BeyondTransfer:
    return make_beyond(node.school)


def _follow(actor: Actor, node: Node) -> None:
    beyond.open_beyond(
        actor=actor,
        new=beyond.NewBeyond(
            direction="in", school_code=node.school.code, other_province="河南省", other_school="郑州九中",
            asked_on=today(), name="林河", grade="G08",
        ),
    )  # fmt: skip


def _wish(actor: Actor, node: Node) -> None:
    """Past the permission, a wish without its proof is refused."""
    with suppress(Invalid):
        key_data.ask_key_data(actor=actor, person_id=node.pupil.id, field="name", value="新名", reason="改名", proof=[])


Action = Callable[[Actor, Node, Any], Any]
ACTIONS: dict[str, tuple[Callable[[Node], Any], Action]] = {
    "seats.view": (lambda n: None, lambda a, n, _x: seats.get_school_seats(a, n.school.code)),
    "seats.plan": (lambda n: None, lambda a, n, _x: _plan(a, n)),
    "rule.set": (lambda n: None, lambda a, n, _x: _set_rule(a, n)),
    "guide.set": (lambda n: None, lambda a, n, _x: rules.set_guide(
        actor=a, organisation_code=n.county.code, service="study", contact="x", days=1, materials=())),
    "paper.counter": (lambda n: None, lambda a, n, _x: papers.issue_at_counter(actor=a, person_id=n.pupil.id, kind="study")),
    "paper.view": (_paper, lambda a, n, x: reading.get_paper(a, x.id)),
    "paper.revoke": (_paper, lambda a, n, x: papers.revoke_paper(actor=a, paper_id=x.id, reason="x")),
    "paper.ask": (lambda n: None, lambda a, n, _x: papers.ask_paper(actor=a, person_id=n.pupil.id, kind="study")),
    "request.view": (_asked, lambda a, n, x: reading.get_request(a, x.id)),
    "request.grant": (_asked, lambda a, n, x: papers.grant_request(actor=a, request_id=x.id)),
    "request.refuse": (_asked, lambda a, n, x: papers.refuse_request(actor=a, request_id=x.id, answer="x")),
    "request.withdraw": (_asked, lambda a, n, x: papers.withdraw_request(actor=a, request_id=x.id)),
    "beyond.see": (_beyond, lambda a, n, x: follow.get_beyond(a, x.id)),
    "beyond.open": (lambda n: None, lambda a, n, _x: _follow(a, n)),
    "beyond.note": (_beyond, lambda a, n, x: beyond.note_progress(actor=a, beyond_id=x.id, links={"asked": today()})),
    "beyond.end": (_beyond, lambda a, n, x: beyond.end_beyond(actor=a, beyond_id=x.id, done=False, ending="不办了")),
    "key_data.ask": (lambda n: None, lambda a, n, _x: _wish(a, n)),
}  # fmt: skip
FOLLOW = {"beyond.see", "beyond.open", "beyond.note", "beyond.end"}
CLERK = FOLLOW | {
    "seats.view",
    "paper.counter",
    "paper.view",
    "paper.revoke",
    "request.view",
    "request.grant",
    "request.refuse",
}
FAMILY = {"paper.view", "paper.ask", "request.view", "request.withdraw"}
MAY: dict[str, set[str]] = {
    "county_admin": CLERK | {"seats.plan", "rule.set", "guide.set"}, "register_officer": CLERK, "school_admin": CLERK,
    "principal": {"seats.view", "beyond.see"}, "guardian": FAMILY | {"key_data.ask"}, "student": FAMILY,
}  # fmt: skip
"""Every role that is not named may nothing."""


MODELS = (AuditEntry, Paper, PaperRequest, PlaceRule, GuideNote, SeatPlan, BeyondTransfer, Ticket)


def counted() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in MODELS)


@pytest.mark.parametrize("role", sorted(ROLES))
def test_what_a_role_may_at_home_and_nowhere_else(role: str) -> None:
    forget_standings()
    world: World = build_world()
    actor = actor_of(world.accounts[role], role)
    wrong = []
    for name, (ready, action) in ACTIONS.items():
        for node in (world.own, world.other):
            with transaction.atomic():
                given = ready(node)
                before = counted()
                try:
                    action(actor, node, given)
                except Forbidden:
                    done = False
                    if counted() != before:
                        wrong.append((name, "left a trace"))
                else:
                    done = True
                if done is not (node is world.own and name in MAY.get(role, set())):
                    wrong.append((name, "own" if node is world.own else "other", done))
                transaction.set_rollback(True)
    assert wrong == []
