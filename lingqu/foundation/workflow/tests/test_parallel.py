"""Two people at one case at the same moment, on connections of their own."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from lingqu.foundation.workflow.models import Case, Task
from lingqu.foundation.workflow.services import acting, passing
from lingqu.foundation.workflow.tests.towns import Town
from lingqu.kernel.errors import Conflict

WAITING_SQL = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@pytest.fixture
def town(transactional_db: None) -> Town:
    made = Town()
    made.publish()
    return made


def apart(act: Callable[[], Any]) -> Callable[[], Any]:
    """An act in a thread, whose connection is closed afterwards; a refusal is its answer."""

    def run() -> Any:
        try:
            return act()
        except Conflict as refused:
            return refused.code
        finally:
            connection.close()

    return run


def until_waiting(number: int) -> None:
    for _turn in range(2400):
        with connection.cursor() as cursor:
            cursor.execute(WAITING_SQL)
            if cursor.fetchone()[0] >= number:
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits for the case")


def complete(town: Town, task: Task, who: str) -> Callable[[], Any]:
    return apart(lambda: acting.complete(actor=town.actor(who), task_id=task.id, decision="agree", fields={"size": 1}))


def test_of_two_who_do_one_step_one_wins_and_the_other_is_told(town: Town) -> None:
    case = town.start()
    task = town.task(case)
    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            Case.objects.select_for_update().get(id=case.id)
            both: list[Future[Any]] = [pool.submit(complete(town, task, who)) for who in ("clerk", "deputy")]
            until_waiting(2)
        answers = [one.result(120) for one in both]
    assert sorted(isinstance(one, Case) for one in answers) == [False, True]
    assert "already_done" in answers
    assert Task.objects.filter(case=case, node="bureau").count() == 1
    assert Task.objects.get(id=task.id).actor_id in (town.clerk.id, town.deputy.id)


def test_an_opinion_that_is_asked_for_meanwhile_holds_the_step(town: Town) -> None:
    case = town.start()
    task = town.task(case)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            passing.countersign(actor=town.actor("deputy"), task_id=task.id, to=[f"person:{town.stranger.number}"])
            waiting = pool.submit(complete(town, task, "clerk"))
            until_waiting(1)
        assert waiting.result(120) == "countersign_open"
    assert Task.objects.get(id=task.id).state == "open"
