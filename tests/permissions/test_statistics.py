"""Statistics: every role × every action, at the own school and at one of another county. A refusal writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from lingqu.foundation.identity.roles import ROLES
from lingqu.foundation.statistics.models import Conditions, Round, Sheet, Snapshot
from lingqu.foundation.statistics.selectors import boards, conditions, figures, sheets
from lingqu.foundation.statistics.services import checking, reminding, rounds, snapshots
from lingqu.foundation.statistics.services import conditions as entering
from lingqu.foundation.statistics.services import sheets as signing
from lingqu.foundation.statistics.testing import check_all
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.models import AuditEntry

from .world import Node, World, actor_of

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
BLOCKS = ("pupils", "staff", "attributes", "sizes")


class Site:
    """What exists at one node before somebody acts there."""

    def __init__(self, node: Node) -> None:
        self.node, self.code = node, node.school.code
        self.taken = snapshots.perform(
            snapshots.request_snapshot(actor=SYSTEM, organisation_code=node.county.code, taken_on=today()).id
        )
        self.round = rounds.open_round(
            actor=SYSTEM, organisation_code=node.county.code, year="2026-2027", term="1", deadline=today() + timedelta(days=3)
        )  # fmt: skip

    def sheet(self, state: str = "") -> Sheet:
        made = signing.submit_sheet(actor=SYSTEM, round_id=self.round.id, school_code=self.code)
        check_all(made)
        if state:
            made = signing.confirm_sheet(actor=SYSTEM, sheet_id=made.id, ticks=BLOCKS)
        if state == "scanned":
            made = scan(SYSTEM, made)
        return made


def scan(actor: Actor, sheet: Sheet) -> Sheet:
    return signing.attach_scan(
        actor=actor, sheet_id=sheet.id, name="a.pdf", content=b"%PDF-1", written_code=sheet.check_code
    )


Action = Callable[[Actor, Site, Any], Any]
ACTIONS: dict[str, tuple[Callable[[Site], Any], Action]] = {
    "snapshot.view": (lambda s: None, lambda a, s, _x: figures.get_snapshot(actor=a, snapshot_id=s.taken.id, place=s.code)),
    "snapshot.take": (lambda s: None, lambda a, s, _x: snapshots.request_snapshot(
        actor=a, organisation_code=s.node.county.code, taken_on=today() - timedelta(days=1))),
    "round.open": (lambda s: None, lambda a, s, _x: rounds.open_round(
        actor=a, organisation_code=s.node.county.code, year="2027-2028", term="2", deadline=today())),
    "round.close": (lambda s: None, lambda a, s, _x: rounds.close_round(actor=a, round_id=s.round.id)),
    "round.remind": (lambda s: None, lambda a, s, _x: reminding.remind_schools(actor=a, round_id=s.round.id)),
    "round.phones": (lambda s: None, lambda a, s, _x: boards.list_contacts(actor=a, round_=s.round)),
    "sheet.view": (lambda s: s.sheet(), lambda a, s, x: sheets.get_sheet(actor=a, sheet_id=x.id)),
    "sheet.draft": (lambda s: None, lambda a, s, _x: signing.draft_sheet(actor=a, round_id=s.round.id, school_code=s.code)),
    "sheet.submit": (lambda s: None, lambda a, s, _x: signing.submit_sheet(actor=a, round_id=s.round.id, school_code=s.code)),
    "sheet.check": (lambda s: s.sheet(), lambda a, s, _x: checking.check_classes(
        actor=a, round_id=s.round.id, school_code=s.code, listed={})),
    "sheet.confirm": (lambda s: s.sheet(), lambda a, s, x: signing.confirm_sheet(actor=a, sheet_id=x.id, ticks=BLOCKS)),
    "sheet.return": (lambda s: s.sheet(), lambda a, s, x: signing.return_sheet(actor=a, sheet_id=x.id, reason="少")),
    "sheet.scan": (lambda s: s.sheet("confirmed"), lambda a, s, x: scan(a, x)),
    "sheet.receive": (lambda s: s.sheet("scanned"), lambda a, s, x: signing.receive_sheet(actor=a, sheet_id=x.id)),
    "conditions.view": (lambda s: None, lambda a, s, _x: conditions.get_school(actor=a, code=s.code)),
    "conditions.save": (lambda s: None, lambda a, s, _x: entering.save_conditions(
        actor=a, school_code=s.code, year="2026-2027", typed={"books": "1"})),
}  # fmt: skip
SEE = {"snapshot.view", "sheet.view", "sheet.draft", "conditions.view"}
CLERK = SEE | {"sheet.submit", "sheet.check", "sheet.scan", "conditions.save"}
MAY: dict[str, set[str]] = {
    "county_admin": SEE | {"snapshot.take", "round.open", "round.close", "round.phones", "round.remind", "sheet.receive"},
    "register_officer": CLERK, "school_admin": CLERK, "bureau_leader": SEE, "deputy_principal": SEE,
    "principal": SEE | {"sheet.check", "sheet.confirm", "sheet.return", "sheet.scan"},
}  # fmt: skip
"""Every role that is not named may nothing."""


def counted() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (AuditEntry, Snapshot, Round, Sheet, Conditions))


@pytest.mark.parametrize("role", sorted(ROLES))
def test_what_a_role_may_at_home_and_nowhere_else(role: str, world: World) -> None:
    actor = actor_of(world.accounts[role], role)
    own, other = Site(world.own), Site(world.other)
    wrong = []
    for name, (ready, action) in ACTIONS.items():
        for site in (own, other):
            with transaction.atomic():
                given = ready(site)
                before = counted()
                try:
                    action(actor, site, given)
                except Forbidden:
                    done = False
                    if counted() != before:
                        wrong.append((name, "left a trace"))
                else:
                    done = True
                if done is not (site is own and name in MAY.get(role, set())):
                    wrong.append((name, "own" if site is own else "other", done))
                transaction.set_rollback(True)
    assert wrong == []
