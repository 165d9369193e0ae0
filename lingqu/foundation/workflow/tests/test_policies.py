"""Who may do what: every kind of person × every action."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from lingqu.foundation.workflow import testing as drawing
from lingqu.foundation.workflow.models import Case
from lingqu.foundation.workflow.selectors import cases, finished, worklist
from lingqu.foundation.workflow.services import acting, bundling, passing, steering
from lingqu.foundation.workflow.tests.towns import Town
from lingqu.foundation.workflow.types import rights
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden

pytestmark = pytest.mark.django_db

WHO = (
    "clerk",
    "deputy",
    "officer",
    "mother",
    "pupil",
    "stranger",
    "viewer",
    "reader",
    "manager",
    "elsewhere",
    "anonymous",
)
ACTIONS: dict[str, Callable[[Town, Actor, Case, Any], object]] = {
    "see the case": lambda _town, actor, case, _task: cases.get_case(actor, case.id),
    "open the step": lambda _town, actor, _case, task: cases.get_task(actor, task.id),
    "do the step": lambda _town, actor, _case, task: acting.complete(actor=actor, task_id=task.id, decision="agree"),
    "claim it": lambda _town, actor, _case, task: acting.claim(actor=actor, task_id=task.id),
    "return it": lambda _town, actor, _case, task: acting.return_back(actor=actor, task_id=task.id, comment="x"),
    "hand it on": lambda town, actor, _case, task: passing.hand_on(
        actor=actor, task_id=task.id, to=f"post:{town.bureau.id}"
    ),
    "ask others": lambda town, actor, _case, task: passing.countersign(
        actor=actor, task_id=task.id, to=[f"post:{town.bureau.id}"]
    ),
    "escalate it": lambda town, actor, _case, task: passing.escalate(
        actor=actor, task_id=task.id, to=f"post:{town.bureau.id}"
    ),
    "comment": lambda _town, actor, case, _task: acting.comment(actor=actor, case_id=case.id, text="x"),
    "suspend": lambda _town, actor, case, _task: steering.suspend(actor=actor, case_id=case.id, reason="x"),
    "cancel": lambda _town, actor, case, _task: steering.cancel(actor=actor, case_id=case.id, reason="x"),
    "list cases": lambda _town, actor, _case, _task: cases.list_cases(actor),
    "list the stuck": lambda _town, actor, _case, _task: cases.list_stuck(actor),
    "list the archive": lambda _town, actor, _case, _task: finished.list_finished(actor, finished.Sought()),
    "do several": lambda _town, actor, _case, task: worklist.choose(actor, [task.id]),
    "start for somebody": lambda town, actor, _case, _task: town.start(actor=actor, starter_id=town.mother.id),
    "resume": lambda _town, actor, case, _task: steering.resume(actor=actor, case_id=case.id),
    "move to another version": lambda _town, actor, case, _task: steering.migrate(
        actor=actor, case_id=case.id, version_id=case.version_id
    ),
    "download the file": lambda _town, actor, case, _task: bundling.bundle(
        actor=actor, case_id=case.id, form=b"", history=[]
    ),
}
"""What is refused beyond permission (a case that is not over, not suspended …) counts as allowed here."""
ON_DESK = {"clerk", "deputy"}
SEES = {*ON_DESK, "mother", "pupil", "viewer", "reader", "manager"}
MAY: dict[str, set[str]] = {
    "see the case": SEES, "comment": SEES, "open the step": ON_DESK, "do the step": ON_DESK, "claim it": ON_DESK,
    "return it": ON_DESK, "hand it on": ON_DESK, "ask others": ON_DESK, "escalate it": {"manager"},
    "suspend": {"manager"}, "cancel": {"manager", "mother", "pupil"},
    "list cases": {"viewer", "reader", "manager", "elsewhere"}, "list the stuck": {"manager", "elsewhere"},
    "list the archive": {"viewer", "reader", "manager", "elsewhere"}, "do several": ON_DESK, "start for somebody": set(),
    "resume": {"manager"}, "move to another version": set(), "download the file": {"reader"},
}  # fmt: skip
FIELDS = {
    "clerk": {"why"}, "deputy": {"why"}, "mother": {"why", "phone"}, "pupil": {"why", "phone"}, "viewer": set(),
    "reader": {"why", "phone"}, "manager": set(),
}  # fmt: skip


def actor_of(town: Town, who: str) -> Actor:
    place = str(town.county.path)
    made = {
        "viewer": lambda: drawing.acting(town.stranger, rights.CASE_VIEW, at=place),
        "reader": lambda: drawing.acting(town.stranger, rights.CASE_VIEW, rights.CASE_DATA, at=place),
        "manager": lambda: drawing.acting(town.stranger, rights.CASE_VIEW, rights.CASE_MANAGE, at=place),
        "elsewhere": lambda: drawing.acting(town.stranger, *rights.ALL, at=str(town.stranger.path)),
        "anonymous": Actor.anonymous,
    }  # fmt: skip
    return made[who]() if who in made else town.actor(who)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("action", ACTIONS)
def test_who_may_do_what(who: str, action: str) -> None:
    town = Town()
    town.publish()
    case = town.start()
    actor, task = actor_of(town, who), town.task(case)
    if who in MAY[action]:
        with suppress(Conflict):
            ACTIONS[action](town, actor, case, task)
        return
    before = case.revision
    with pytest.raises((Forbidden, Conflict) if action == "do several" else Forbidden):
        ACTIONS[action](town, actor, case, task)
    assert Case.objects.get(id=case.id).revision == before


@pytest.mark.parametrize("who", FIELDS)
def test_who_reads_which_fields(who: str) -> None:
    town = Town()
    town.publish()
    case = town.start()
    assert set(cases.get_case(actor_of(town, who), case.id).fields) == FIELDS[who]


def test_lists_hold_only_what_is_ones_own() -> None:
    town = Town()
    town.publish()
    case = town.start()
    assert [line.id for line in cases.list_own(town.actor("mother"))] == [case.id]
    assert [line.id for line in cases.list_own(town.actor("pupil"))] == [case.id]
    for who in ("clerk", "stranger", "officer"):
        assert len(cases.list_own(town.actor(who)).items) == 0
    assert worklist.count_tasks(town.actor("deputy"))[""] == 1
    assert worklist.count_tasks(town.actor("officer"))[""] == worklist.count_tasks(town.actor("mother"))[""] == 0
    elsewhere = actor_of(town, "elsewhere")
    assert len(cases.list_cases(elsewhere).items) == 0
