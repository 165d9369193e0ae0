"""Every role against every action of yearly work, at the own place and at another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lingqu.foundation.identity.roles import ROLES, rights_at
from lingqu.foundation.registry import api as registry
from lingqu.foundation.yearly.selectors import placements as seen_placements
from lingqu.foundation.yearly.selectors import plans
from lingqu.foundation.yearly.services import deciding, placements, running
from lingqu.foundation.yearly.services.previewing import compute, steps_in
from lingqu.foundation.yearly.services.years import ensure_rollover, lock_rollover
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import DomainError, Forbidden
from lingqu.kernel.ids import uuid7
from tests.yearly.worlds import FROM, TO, add_class, add_pupil, make_school

pytestmark = pytest.mark.django_db
APPLYING = {"county_admin", "register_officer"}
PREPARING = APPLYING | {"school_admin"}
SEEING = PREPARING | {"principal"}


def actions(school: Any, plan: Any, placement: Any) -> dict[str, tuple[set[str], Callable[[Actor], Any]]]:
    path = str(school.path)

    def start(kind: str) -> Callable[[Actor], Any]:
        return lambda actor: running.start_run(actor=actor, kind=kind, to_year=TO, path=path, queued=False)

    return {
        "totals": (SEEING, lambda a: plans.totals(actor=a, rollover=plan.rollover, path=path)),
        "plans": (SEEING, lambda a: plans.list_plans(actor=a, rollover=plan.rollover, path=path)),
        "plan": (SEEING, lambda a: plans.get_plan(actor=a, rollover=plan.rollover, code=school.code)),
        "pupils": (SEEING, lambda a: plans.list_pupils(actor=a, rollover=plan.rollover, path=path, kind="suspended")),
        "preview": (PREPARING, start("preview")), "apply": (APPLYING, start("apply")), "undo": (APPLYING, start("undo")),
        "rules": (PREPARING, lambda a: deciding.set_rules(actor=a, plan_id=plan.id)),
        "withdraw": (PREPARING, lambda a: deciding.withdraw_decision(actor=a, plan_id=plan.id, person_id=uuid7())),
        "decide": (PREPARING, lambda a: deciding.decide_pupil(actor=a, plan_id=plan.id, person_id=uuid7(), grade="G08", reason="理由充分")),
        "lock": (set(), lambda a: lock_rollover(actor=a, to_year=TO)),
        "draws": (SEEING, lambda a: seen_placements.list_placements(actor=a, path=path)),
        "draw": (SEEING, lambda a: seen_placements.get_placement(actor=a, placement_id=placement.id)),
        "moves": (SEEING, lambda a: seen_placements.list_seat_moves(actor=a, path=path)),
        "facts": (PREPARING, lambda a: placements.enter_facts(actor=a, placement_id=placement.id, text="")),
        "teams": (PREPARING, lambda a: placements.set_teams(actor=a, placement_id=placement.id, text="")),
        "late": (PREPARING, lambda a: placements.add_late(actor=a, placement_id=placement.id, number="1")),
        "seat": (PREPARING, lambda a: placements.apply_placement(actor=a, placement_id=placement.id)),
    }  # fmt: skip


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_does_what_it_may_and_only_at_its_place(role: str) -> None:
    registry.ensure_school_year(FROM)
    school, other = make_school(), make_school()
    for one in (school, other):
        add_pupil(add_class(one, ["G07"], 1))
    rollover = ensure_rollover(TO)
    compute(rollover, steps_in(rollover, ids=[school.id, other.id]))
    system = Actor.system("test")
    actor = Actor(
        kind="account", name=role, role=role, path=str(school.path), rights=rights_at(role, [str(school.path)])
    )
    for place, is_own in ((school, True), (other, False)):
        plan = plans.get_plan(actor=system, rollover=rollover, code=place.code)
        placement = placements.create_placement(actor=system, school_code=place.code, year=TO, grade="G07", classes=1)
        wrong = []
        for name, (allowed, act) in actions(place, plan, placement).items():
            rollover.runs.all().delete()
            expected = is_own and role in allowed
            if _is_let_in(act, actor) != expected:
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
