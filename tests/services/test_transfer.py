"""转学 through its case, with real national files around it; 休学, 复学 and 退学 beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.intake.types import ImportApplied
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry.models import Enrolment, RegisterEntry
from lingqu.foundation.registry.testing import make_class, make_guardian, make_teacher
from lingqu.foundation.workflow import api as workflow
from lingqu.foundation.workflow.models import Case, Task
from lingqu.governance.service_hall import processes
from lingqu.governance.service_hall.handlers import close_with_case, settle_after_import
from lingqu.governance.service_hall.models import Transfer
from lingqu.governance.service_hall.selectors import rules as rule_reading
from lingqu.governance.service_hall.selectors import seats
from lingqu.governance.service_hall.services import rules
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict, Invalid
from lingqu.kernel.ids import uuid7
from lingqu.kernel.testing import deliver_events
from tests.reconciliation.worlds import World, case_of, load, row

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
SCAN = b"%PDF-1.7 scan"


class Town(World):
    """Two schools with their register officers, two offices, and a mother whose child wants to move."""

    def __init__(self) -> None:
        super().__init__()
        registry.prepare()
        values = {
            **rule_reading.shipped()["transfer"].values,
            "windows": [{"start": "01-01", "end": "12-31", "term": "1"}],
        }
        rules.set_rule(
            actor=SYSTEM,
            organisation_code=self.root.code,
            kind="transfer",
            values=values,
            source="文件",
            valid_from=today(),
        )
        assert processes.install_services() == 5 and processes.install_services() == 0
        self.there = make_class(self.second, name="八（1）班", grade="G08")
        self.abroad = make_class(self.beyond, name="八（2）班", grade="G08", serial=2)
        self.pupil = self.child(2, "周禾")
        load("2026-11-01", [row(2, "周禾")])
        self.mother = make_guardian(self.pupil, "王若琳")
        self.people = {
            name: self._keeper(name, place, duty)
            for name, place, duty in (
                ("old", self.school, "register_officer"), ("new", self.second, "school_admin"), ("away", self.beyond, "school_admin"),
                ("county", self.county, "county_officer"), ("far", self.far, "county_officer"),
            )
        }  # fmt: skip
        self.people["mother"] = self.mother

    def _keeper(self, name: str, place: Any, duty: str) -> Any:
        person = make_teacher(place, f"经办{name}")
        accounts.give_duty(person, duty, place)
        return person

    def actor(self, name: str) -> Actor:
        from lingqu.foundation.identity import api as identity

        return identity.actor_for(accounts.account_for(self.people[name]))

    def ask(self, key: str, school: Any, **fields: Any) -> Case:
        return workflow.start(
            actor=self.actor("mother"),
            key=key,
            organisation_id=school.id,
            subject_id=self.pupil.id,
            fields={"reason": "搬家", **fields},
        )

    def do(self, case: Case, who: str, decision: str = "", **more: Any) -> None:
        task = Task.objects.get(case=case, state="open")
        workflow.complete(actor=self.actor(who), task_id=task.id, decision=decision, **more)

    def register_at(self) -> list[str]:
        return list(
            RegisterEntry.objects.filter(person=self.pupil, valid_to=None).values_list("school__name", flat=True)
        )

    def sits_at(self) -> list[tuple[str, str]]:
        rows = Enrolment.objects.filter(person=self.pupil, valid_to=None)
        return list(rows.values_list("school__name", "attendance"))


def scan() -> SimpleUploadedFile:
    return SimpleUploadedFile("联系表.pdf", SCAN, "application/pdf")


def agreed(town: Town, case: Case) -> None:
    """Both schools and the office agree, the child sits, the form is stamped, the serial number recorded."""
    town.do(case, "new", "agree")
    town.do(case, "old", "agree")
    town.do(case, "county", "agree")
    town.do(case, "new", fields={"to_class": "八（1）班", "sits_on": today().isoformat()})
    with pytest.raises(Invalid):
        town.do(case, "new")
    town.do(case, "new", uploads=[("", scan())])
    town.do(case, "new", fields={"serial": "ZX20261129001"})


def test_the_register_follows_the_national_file_and_the_comparison_knows_meanwhile() -> None:
    town = Town()
    case = town.ask("transfer", town.second)
    assert seats.seats_of([town.second])[town.second.id][0].pending == 1
    agreed(town, case)
    assert (town.register_at(), town.sits_at()) == (["第三中学"], [("第七中学", "guest")])
    run = load("2026-11-15", [row(2, "周禾")])
    assert run is not None and case_of("周禾").cause == "transferring"
    settle_after_import(ImportApplied(import_id=uuid7(), number="", source_kind="national_pupil"))
    assert Transfer.objects.get().state == "awaiting" and town.register_at() == ["第三中学"]
    load("2026-11-29", [row(2, "周禾", "3301000002", 班级="八（1）班")])
    settle_after_import(ImportApplied(import_id=uuid7(), number="", source_kind="national_pupil"))
    case.refresh_from_db()
    assert (case.state, Transfer.objects.get().state, Transfer.objects.get().ending) == (
        "done",
        "done",
        "国家名册已更新",
    )
    assert (town.register_at(), town.sits_at()) == (["第七中学"], [("第七中学", "registered")])
    assert case_of("周禾").state == "closed"


def test_evidence_settles_it_by_hand_and_another_office_is_asked_too() -> None:
    town = Town()
    case = town.ask("transfer", town.beyond)
    for who, decision in (("away", "agree"), ("old", "agree"), ("far", "agree"), ("county", "agree")):
        town.do(case, who, decision)
    with pytest.raises(Invalid) as wrong:
        town.do(case, "away", fields={"to_class": "八（9）班", "sits_on": today().isoformat()})
    assert "八（2）班" in wrong.value.details["to_class"]
    town.do(case, "away", fields={"to_class": "八（2）班", "sits_on": today().isoformat()})
    town.do(case, "away", uploads=[("", scan())])
    town.do(case, "away", fields={"serial": "ZX-2026-77"})
    town.do(case, "away", uploads=[("evidence", scan())])
    case.refresh_from_db()
    assert case.state == "done" and town.register_at() == ["青石县实验学校"]
    assert Transfer.objects.get().ending == "按佐证人工办结：经办away"


def test_a_school_that_refuses_gives_the_place_back() -> None:
    town = Town()
    case = town.ask("transfer", town.second)
    town.do(case, "new", "agree")
    town.do(case, "old", "refuse", comment="学籍有疑问")
    deliver_events()
    assert Transfer.objects.get().state == "closed" and town.sits_at() == [("第三中学", "registered")]
    assert seats.seats_of([town.second])[town.second.id][0].pending == 0


def test_a_cancelled_case_takes_everything_back_visibly() -> None:
    town = Town()
    case = town.ask("transfer", town.second)
    agreed(town, case)
    workflow.cancel(actor=SYSTEM, case_id=case.id, reason="家长不转了")
    close_with_case(workflow.CaseEnded(case_id=case.id, key="transfer", state="cancelled"))
    assert (town.register_at(), town.sits_at()) == (["第三中学"], [("第三中学", "registered")])
    acts = [line.act for line in workflow.get_case(SYSTEM, case.id).log]
    assert acts.count("undone") == 2 and Transfer.objects.get().state == "closed"


def test_a_register_that_refuses_at_the_end_is_told_and_nothing_moved() -> None:
    town = Town()
    case = town.ask("transfer", town.second)
    agreed(town, case)
    Enrolment.objects.filter(person=town.pupil, valid_to=None).update(valid_to=today())
    with pytest.raises(Conflict) as refused:
        town.do(case, "new")
    assert refused.value.code == "not_sitting"
    case.refresh_from_db()
    assert (case.state, Transfer.objects.get().state, town.register_at()) == ("running", "awaiting", ["第三中学"])


def test_what_stands_against_a_wish_is_told_before_there_is_a_case() -> None:
    town = Town()
    with pytest.raises(Conflict) as here:
        town.ask("transfer", town.school)
    assert here.value.message.startswith("转入学校就是现在的学校。")
    town.ask("transfer", town.second)
    with pytest.raises(Conflict) as again:
        town.ask("transfer", town.beyond)
    assert "已经有一件没有办完的转学" in again.value.message
    with pytest.raises(Conflict) as left:
        town.ask("withdrawal", town.school)
    assert left.value.message.startswith("八年级不得退学：义务教育阶段")
    assert Case.objects.count() == 1 and town.sits_at() == [("第三中学", "registered")]


def test_a_pause_ends_in_the_register_and_back_into_a_class() -> None:
    town, until = Town(), today() + timedelta(days=150)
    for wrong, told in ((today() + timedelta(days=20), "休学至少"), (today() + timedelta(days=500), "一次休学最长")):
        with pytest.raises(Conflict) as refused:
            town.ask("suspension", town.school, kind="illness", until=wrong.isoformat(), phone="13800000000")
        assert told in refused.value.message
    case = town.ask("suspension", town.school, kind="illness", until=until.isoformat(), phone="13800000000")
    town.do(case, "old", "agree")
    town.do(case, "county", "agree")
    town.do(case, "old", uploads=[("", scan())])
    sits = Enrolment.objects.get(person=town.pupil, valid_to=None)
    assert (sits.attendance, sits.expected_on) == ("absent", until)
    for days, told in ((-10, "晚于原来的返校日期"), (500, "一次休学最长")):
        with pytest.raises(Conflict, match=told):
            town.ask(
                "suspension",
                town.school,
                kind="illness",
                until=(until + timedelta(days=days)).isoformat(),
                phone="13800000000",
            )
    longer = until + timedelta(days=40)
    case = town.ask("suspension", town.school, kind="illness", until=longer.isoformat(), phone="13800000000")
    for who in ("old", "county"):
        town.do(case, who, "agree")
    town.do(case, "old", uploads=[("", scan())])
    assert Enrolment.objects.get(person=town.pupil, valid_to=None).expected_on == longer
    back = town.ask("school_return", town.school, wish="same")
    town.do(back, "old", "agree")
    town.do(back, "county", "agree")
    with pytest.raises(Invalid):
        town.do(back, "old", fields={"to_class": "九（1）班", "back_on": today().isoformat()})
    town.do(back, "old", fields={"to_class": "八（3）班", "back_on": today().isoformat()})
    assert town.sits_at() == [("第三中学", "registered")]
    with pytest.raises(Conflict):
        town.ask("school_return", town.school, wish="own")
