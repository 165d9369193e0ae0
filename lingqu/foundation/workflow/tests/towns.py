"""A county with a school, its office posts, a pupil with a mother, and a short process."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lingqu.foundation.inbox import api as inbox
from lingqu.foundation.inbox import testing as mail
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.foundation.workflow import testing as drawing
from lingqu.foundation.workflow.models import Case, Task
from lingqu.foundation.workflow.services import acting, starting
from lingqu.foundation.workflow.types import rights
from lingqu.foundation.workflow.types.graph import AGREE, NodeKind, Outcome
from lingqu.foundation.workflow.types.participants import Place, Rule, RuleKind
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor

OFFICE = Rule(kind=RuleKind.POST, code="school_office", place=Place.SCHOOL)
BUREAU = Rule(kind=RuleKind.POST, code="bureau_office", place=Place.COUNTY)
DECIDED = (*AGREE, Outcome(code="later", label="缓办"))


def at(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """The clock stands at a local moment."""
    now = datetime.fromisoformat(moment).replace(tzinfo=clock.ZONE).astimezone(UTC)
    monkeypatch.setattr(clock, "now", lambda: now)


class Town:
    """``mother`` applies for ``pupil``; ``clerk`` holds 校办 of the school, ``officer`` 局办 of the county."""

    def __init__(self) -> None:
        registry.prepare()
        self.root = people.make_root()
        self.county = people.make_organisation(self.root, "region", name="云溪县")
        self.school = people.make_school(self.county, name="云溪一中")
        self.group = people.make_class(self.school)
        self.pupil = people.make_pupil(self.group, "周禾")
        self.mother = people.make_guardian(self.pupil, "王若琳")
        self.clerk = people.make_teacher(self.school, "吴静")
        self.deputy = people.make_teacher(self.school, "顾言")
        self.officer = people.make_teacher(self.county, "沈岚")
        self.stranger = people.make_teacher(people.make_school(self.county), "陌生人")
        self.office = people.make_post(self.school, "school_office", self.clerk, self.deputy)
        self.bureau = people.make_post(self.county, "bureau_office", self.officer)
        self.manager = drawing.acting(self.officer, *rights.ALL, at=str(self.county.path))

    def actor(self, name: str) -> Actor:
        return drawing.acting(getattr(self, name))

    def draw(self) -> drawing.Drawing:
        """School decides, then the bureau; a refusal ends it."""
        drawn = drawing.Drawing("transfer")
        drawn.user("school", participants=(OFFICE,), days=3, reads=("why", "size"), writes=("size",), outcomes=DECIDED)
        drawn.user("bureau", participants=(BUREAU,), days=5, reads=("why",), writes=("ruling",))
        drawn.node("gate", NodeKind.EXCLUSIVE)
        drawn.line("start", "school", "gate")
        drawn.flow("gate", "bureau", 'decision == "agree"')
        drawn.flow("gate", "end", is_default=True)
        drawn.line("bureau", "end")
        return drawn

    def publish(self, drawn: drawing.Drawing | None = None, **more: Any) -> Any:
        drawn = drawn or self.draw()
        return drawing.make_version(self.root, drawn.graph(days=10, **more))

    def start(self, **more: Any) -> Case:
        values: dict[str, Any] = {
            "actor": self.actor("mother"), "key": "transfer", "organisation_id": self.school.id,
            "subject_id": self.pupil.id, "fields": {"why": "搬家", "phone": "13800000000"}, **more,
        }  # fmt: skip
        return starting.start(**values)

    def todos(self, name: str) -> list[str]:
        """What stands on somebody's desk."""
        return mail.open_todos("workflow", inbox.keys_of(getattr(self, name).id))

    def task(self, case: Case, node: str = "", state: str = "open") -> Task:
        rows = Task.objects.filter(case=case, state=state)
        return (rows.filter(node=node) if node else rows).get()

    def do(self, case: Case, who: str, node: str = "", decision: str = "agree", **more: Any) -> Case:
        return acting.complete(actor=self.actor(who), task_id=self.task(case, node).id, decision=decision, **more)
