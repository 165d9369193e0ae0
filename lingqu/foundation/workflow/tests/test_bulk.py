"""Several steps at once: alike only, each by itself, refusals by name."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.registry import testing as people
from lingqu.foundation.workflow import testing as drawing
from lingqu.foundation.workflow.models import Case, Task
from lingqu.foundation.workflow.selectors import worklist
from lingqu.foundation.workflow.services import acting, bulk, starting
from lingqu.foundation.workflow.tests.towns import OFFICE, Town
from lingqu.foundation.workflow.types.graph import AGREE
from lingqu.kernel.errors import Conflict, Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    made = Town()
    drawn = drawing.Drawing("transfer")
    drawn.user("school", participants=(OFFICE,), outcomes=AGREE)
    drawn.line("start", "school", "end")
    made.publish(drawn)
    return made


def several(town: Town, number: int) -> list[Task]:
    for _one in range(number):
        town.start()
    return list(Task.objects.filter(state="open").order_by("id"))


def text_of(answer: Any) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", answer.content.decode()))


def test_alike_steps_are_decided_together_and_refusals_are_named(town: Town) -> None:
    several(town, 3)
    own = starting.start(actor=town.actor("clerk"), key="transfer", organisation_id=town.school.id, fields={"why": "x"})
    clerk = town.actor("clerk")
    tasks = list(Task.objects.filter(state="open").order_by("id"))
    chosen = worklist.choose(clerk, [one.id for one in tasks])
    acting.complete(actor=town.actor("deputy"), task_id=tasks[1].id, decision="agree")
    results = {one.case_id: one.refusal for one in bulk.act_on(actor=clerk, chosen=chosen, act="agree")}
    assert results[tasks[0].case_id] == results[tasks[2].case_id] == ""
    assert "顾言" in results[tasks[1].case_id] and "回避" in results[own.id]
    assert sorted(Case.objects.values_list("state", flat=True)) == ["done", "done", "done", "running"]


def test_returning_and_handing_on_together(town: Town) -> None:
    tasks, clerk = several(town, 2), town.actor("clerk")
    chosen = worklist.choose(clerk, [one.id for one in tasks])
    for act in ("refuse", "return"):
        with pytest.raises(Invalid, match="理由"):
            bulk.act_on(actor=clerk, chosen=chosen, act=act, comment=" ")
    with pytest.raises(Invalid):
        bulk.act_on(actor=clerk, chosen=chosen, act="later", comment="x")
    bad = bulk.act_on(actor=clerk, chosen=chosen, act="hand_on", to="post:nobody")
    assert all("岗位或人员" in one.refusal for one in bad)
    assert not any(one.refusal for one in bulk.act_on(actor=clerk, chosen=chosen, act="return", comment="补身份证"))
    assert set(Case.objects.values_list("state", flat=True)) == {"returned"}


def test_only_own_alike_steps_and_no_more_than_a_page(town: Town) -> None:
    tasks, clerk = several(town, 2), town.actor("clerk")
    ids = [one.id for one in tasks]
    with pytest.raises(Conflict):
        worklist.choose(town.actor("stranger"), ids)
    for wrong in ([], [ids[0]] * (worklist.MOST_CHOSEN + 1)):
        with pytest.raises(Invalid):
            worklist.choose(clerk, wrong)
    other = drawing.Drawing("other")
    other.user("school", participants=(OFFICE,), outcomes=AGREE, writes=("size",))
    other.line("start", "school", "end")
    town.publish(other)
    town.start(key="other")
    every = list(Task.objects.filter(state="open").values_list("id", flat=True))
    with pytest.raises(Invalid, match="分开勾选"):
        worklist.choose(clerk, every)
    alone = worklist.choose(clerk, [one for one in every if one not in ids])
    assert len(alone.asks) == 1
    with pytest.raises(Invalid):
        bulk.act_on(actor=clerk, chosen=alone, act="agree")


def test_the_pages_ask_once_and_list_every_case(town: Town) -> None:
    tasks = several(town, 2)
    people.make_teacher(town.school, "别人")
    clerk = accounts.signed_in(accounts.account_for(town.clerk))
    assert "批量办理" in text_of(clerk.get("/workflow/tasks"))
    ids = [str(one.id) for one in tasks]
    assert "全部同意" in text_of(clerk.post("/workflow/tasks/several", {"task": ids}))
    refused = clerk.post("/workflow/tasks/several", {"task": ids, "act": "refuse"})
    assert refused.status_code == 422 and "理由" in text_of(refused)
    done = text_of(clerk.post("/workflow/tasks/several", {"task": ids, "act": "agree", "comment": "同意"}))
    assert "办了 2 件，没有办成 0 件" in done
    assert set(Case.objects.values_list("state", flat=True)) == {"done"}
    again = clerk.post("/workflow/tasks/several", {"task": ids, "act": "agree"}, follow=True)
    assert "已经办过" in text_of(again)
    forged = clerk.post("/workflow/tasks/several", {"task": ["x", "00000000-0000-0000-0000-000000000000"]}, follow=True)
    assert "已经办过" in text_of(forged)
