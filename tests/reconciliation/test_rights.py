"""Every role against every action of reconciliation, at the own place and at another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lingqu.foundation.identity.roles import ROLES, rights_at
from lingqu.foundation.reconciliation.models import Evidence
from lingqu.foundation.reconciliation.selectors import boards, cases
from lingqu.foundation.reconciliation.services import answering, bulk, evidence, exporting, listing, reminding, tickets
from lingqu.foundation.reconciliation.services.running import start_run
from lingqu.foundation.reconciliation.testing import make_case, make_ticket
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import DomainError, Forbidden

from .worlds import World

pytestmark = pytest.mark.django_db
RUNNING = {"county_admin", "register_officer"}
WORKING = RUNNING | {"school_admin"}
SEEING = WORKING | {"principal"}


def scan() -> SimpleUploadedFile:
    return SimpleUploadedFile("a.pdf", b"%PDF-1.7")


def actions(school: Any, child: Any, folder: Path) -> dict[str, tuple[set[str], Callable[[Actor], Any]]]:
    path, case, ticket = str(school.path), make_case(school), make_ticket(child, school)
    run = case.last_run
    held = Evidence.objects.create(
        case=case, digest="0" * 64, name="a", size=1, media_type="application/pdf", added_by="x"
    )
    of_ticket = Evidence.objects.create(
        ticket=ticket, digest="0" * 64, name="a", size=1, media_type="application/pdf", added_by="x"
    )
    return {
        "board": (SEEING, lambda a: boards.get_board(actor=a, path=path, run=run)),
        "states": (SEEING, lambda a: boards.count_states(actor=a, path=path, bucket="", today=run.as_of)),
        "cases": (SEEING, lambda a: cases.list_cases(actor=a, path=path)),
        "case": (SEEING, lambda a: cases.get_case(actor=a, case_id=case.id)),
        "tickets": (SEEING, lambda a: cases.list_tickets(actor=a, path=path)),
        "ticket counts": (SEEING, lambda a: cases.count_tickets(actor=a, path=path)),
        "export": (SEEING, lambda a: exporting.export_cases(actor=a, path=path, target=folder / "x.xlsx")),
        "read scan": (SEEING, lambda a: evidence.read_evidence(actor=a, evidence_id=held.id)),
        "read ticket scan": (SEEING, lambda a: evidence.read_evidence(actor=a, evidence_id=of_ticket.id)),
        "answer": (WORKING, lambda a: answering.answer_case(actor=a, case_id=case.id, handling="create", note="已提交")),
        "add scan": (WORKING, lambda a: evidence.add_evidence(actor=a, case_id=case.id, uploaded=scan())),
        "add ticket scan": (WORKING, lambda a: evidence.add_ticket_evidence(actor=a, ticket_id=ticket.id, uploaded=scan())),
        "open ticket": (WORKING, lambda a: tickets.open_ticket(actor=a, number=child.number, field="sex", value="1", reason="错了")),
        "withdraw ticket": (WORKING, lambda a: tickets.withdraw_ticket(actor=a, ticket_id=ticket.id)),
        "answer many": (WORKING, lambda a: bulk.answer_cases(actor=a, choice=bulk.Choice(path=path, ids=(case.id,)), handling="create")),
        "assign": (RUNNING, lambda a: bulk.assign_cases(actor=a, choice=bulk.Choice(path=path, ids=(case.id,)), to="county")),
        "remind": (RUNNING, lambda a: reminding.order_reminders(actor=a, path=path)),
        "run": (RUNNING, lambda a: start_run(actor=a, import_id=run.file.import_id, queued=False)),
        "list": (RUNNING, lambda a: listing.load_list(actor=a, path=path, uploaded=SimpleUploadedFile("a.csv", b"a\n1\n"))),
    }  # fmt: skip


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_does_what_it_may_and_only_at_its_place(role: str, tmp_path: Path) -> None:
    world = World()
    actor = Actor(
        kind="account",
        name=role,
        role=role,
        path=str(world.school.path),
        rights=rights_at(role, [str(world.school.path)]),
    )
    wrong = []
    for place, is_own in ((world.school, True), (world.second, False)):
        child = world.child(2 if is_own else 4, "周禾", place)
        for name, (allowed, act) in actions(place, child, tmp_path).items():
            if _is_let_in(act, actor) != (is_own and role in allowed):
                wrong.append((name, is_own))
    assert wrong == []


def _is_let_in(act: Callable[[Actor], Any], actor: Actor) -> bool:
    """Whether the right was there; what is refused for another reason got past it."""
    try:
        act(actor)
    except Forbidden:
        return False
    except DomainError:
        return True
    return True


def test_both_schools_of_a_case_see_it_and_a_third_does_not() -> None:
    world = World()
    case = make_case(world.school, other_school=world.second, other_path=world.second.path)
    for school, may in ((world.school, True), (world.second, True), (world.beyond, False)):
        actor = Actor(kind="account", name="x", role="school_admin", path=str(school.path),
                      rights=rights_at("school_admin", [str(school.path)]))  # fmt: skip
        assert (case.id in [one.id for one in cases.list_cases(actor=actor, path=str(school.path))]) is may
        assert _is_let_in(lambda a: cases.get_case(actor=a, case_id=case.id), actor) is may
        assert (
            _is_let_in(lambda a: answering.answer_case(actor=a, case_id=case.id, handling="delete", note=""), actor)
            is may
        )
