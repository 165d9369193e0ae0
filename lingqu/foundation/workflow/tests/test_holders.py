"""Steps stay with the class, the grade, the duty, the post and the role, whoever holds them."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lingqu.foundation.identity import api as identity
from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.inbox import api as inbox
from lingqu.foundation.inbox import testing as mail
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.foundation.workflow import handlers as told
from lingqu.foundation.workflow import testing as drawing
from lingqu.foundation.workflow.models import Case, CaseFile, Task
from lingqu.foundation.workflow.selectors import cases, experts, worklist
from lingqu.foundation.workflow.services import acting, following
from lingqu.foundation.workflow.tests.towns import Town
from lingqu.foundation.workflow.types.graph import Multi
from lingqu.foundation.workflow.types.handlers import CaseFact
from lingqu.foundation.workflow.types.participants import Place, Rule, RuleKind
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
HEAD = Rule(kind=RuleKind.CLASS_TEACHER)


class School(Town):
    """``head`` heads the pupil's class; one step asks for whoever a rule means."""

    def __init__(self) -> None:
        super().__init__()
        self.head = people.make_head(self.group, people.make_teacher(self.school, "苏文"))
        self.next = people.make_teacher(self.school, "何清")

    def ask(self, *rules: Rule, **work: Any) -> Case:
        drawn = drawing.Drawing("transfer")
        drawn.user("step", participants=rules, reads=("why",), **work)
        drawn.line("start", "step", "end")
        self.publish(drawn)
        case = self.start()
        self.attach(case)
        return case

    def change_head(self) -> None:
        self.head.duties.update(valid_to=clock.today())
        people.make_head(self.group, self.next)

    def give(self, who: Any, kind: str, place: Any, **more: Any) -> Any:
        return who.duties.create(organisation=place, path=place.path, kind=kind, valid_from=people.START, **more)

    def move(self) -> Any:
        """The pupil sits in another class from today on, which ``next`` heads."""
        other = people.make_class(self.school, serial=2)
        people.make_head(other, self.next)
        self.pupil.class_memberships.update(valid_to=clock.today())
        self.pupil.class_memberships.create(class_group=other, valid_from=clock.today())
        return other

    def sees(self, who: Any, case: Case) -> set[str]:
        """Where a case shows itself to somebody."""
        actor = drawing.acting(who)
        task = Task.objects.filter(case=case).order_by("-id").first()
        assert task is not None
        places = {
            "inbox": lambda: bool(self.todos_of(who)), "list": lambda: bool(worklist.list_tasks(actor, worklist.Wanted()).items),
            "case": lambda: cases.get_case(actor, case.id), "step": lambda: cases.get_task(actor, task.id),
            "file": lambda: cases.get_file(actor, CaseFile.objects.get(case=case).id),
        }  # fmt: skip
        return {name for name, look in places.items() if allowed(look)}

    def todos_of(self, who: Any) -> list[str]:
        return mail.open_todos("workflow", inbox.keys_of(who.id))

    def attach(self, case: Case) -> None:
        CaseFile.objects.create(
            case=case, field="why", digest="0" * 64, name="a.pdf", size=1, media_type="application/pdf", added_by="x"
        )


EVERYTHING = {"inbox", "list", "case", "step", "file"}


def allowed(look: Any) -> bool:
    try:
        return look() is not False
    except Forbidden:
        return False


@pytest.fixture
def school(db: None) -> School:
    return School()


def test_a_new_class_teacher_finds_the_step_and_the_old_one_nothing(school: School) -> None:
    case = school.ask(HEAD)
    assert (school.sees(school.head, case), school.sees(school.next, case)) == (EVERYTHING, set())
    school.change_head()
    assert (school.sees(school.head, case), school.sees(school.next, case)) == (set(), EVERYTHING)
    task = school.task(case)
    with pytest.raises(Forbidden):
        acting.complete(actor=drawing.acting(school.head), task_id=task.id, decision="agree")
    acting.complete(actor=drawing.acting(school.next), task_id=task.id, decision="agree")
    assert Case.objects.get(id=case.id).state == "done"
    assert school.todos_of(school.next) == []


def test_whoever_acted_and_left_reads_the_own_part_as_a_record(school: School) -> None:
    drawn = drawing.Drawing("transfer")
    drawn.user("step", participants=(HEAD,), reads=("why",))
    drawn.user("bureau", participants=(Rule(kind=RuleKind.STARTER),))
    drawn.line("start", "step", "bureau", "end")
    school.publish(drawn)
    case = school.start()
    school.attach(case)
    done = school.task(case)
    head = drawing.acting(school.head)
    acting.complete(actor=head, task_id=done.id, decision="agree")
    acting.comment(actor=head, case_id=case.id, text="已看")
    assert worklist.own_done(head, case.id) == [(done.id, "step")]
    school.change_head()
    assert school.sees(school.head, case) == {"case", "file"}
    seen = cases.get_case(head, case.id)
    assert (seen.may_comment, set(seen.fields), worklist.own_done(head, case.id)) == (False, {"why"}, [])
    acting.comment(actor=school.actor("mother"), case_id=case.id, text="谢谢老师")
    assert "谢谢老师" not in [line.comment for line in cases.get_case(head, case.id).log]
    assert "谢谢老师" in [line.comment for line in cases.get_case(school.actor("mother"), case.id).log]
    for act in (
        lambda: acting.comment(actor=head, case_id=case.id, text="再说一句"),
        lambda: acting.take_back(actor=head, task_id=done.id),
    ):
        with pytest.raises(Forbidden):
            act()
    assert school.sees(school.next, case) == set()


def test_the_pages_of_old_and_new_class_teacher(school: School) -> None:
    drawn = drawing.Drawing("transfer")
    for name in ("step", "again"):
        drawn.user(name, participants=(HEAD,), reads=("why",))
    drawn.line("start", "step", "again", "end")
    school.publish(drawn)
    case = school.start()
    old, new = (accounts.signed_in(accounts.account_for(one)) for one in (school.head, school.next))
    first = school.task(case)
    step = f"/workflow/tasks/{first.id}"
    assert "transfer · step" in old.get("/inbox").content.decode() and old.get(step).status_code == 200
    assert old.post(step, {"decision": "agree"})["Location"] == "/workflow/tasks"
    assert "/take-back" in old.get(f"/workflow/cases/{case.id}").content.decode()
    school.change_head()
    second = school.task(case)
    page = new.get("/inbox").content.decode()
    assert "transfer · again" in page and "transfer · step" not in page
    assert case.number in new.get("/workflow/tasks").content.decode()
    assert new.get(f"/workflow/tasks/{second.id}").status_code == 200
    assert "transfer" not in old.get("/inbox").content.decode()
    assert case.number not in old.get("/workflow/tasks").content.decode()
    moved = old.get(f"/workflow/tasks/{second.id}", follow=True)
    assert moved.redirect_chain == [(f"/workflow/cases/{case.id}", 302)]
    text = moved.content.decode()
    assert "您已不在办理时的岗位上" in text and 'name="text"' not in text and "/take-back" not in text
    assert old.post(f"/workflow/tasks/{second.id}", {"decision": "agree"}).status_code == 302
    assert old.post(f"/workflow/tasks/{second.id}/claim").status_code == 403
    assert school.task(case).id == second.id
    assert new.post(f"/workflow/tasks/{second.id}", {"decision": "agree"}).status_code == 302
    assert Case.objects.get(id=case.id).state == "done"


def test_a_step_follows_the_pupil_into_another_class(school: School) -> None:
    case = school.ask(HEAD)
    other = school.move()
    told.follow_people(registry.RelationsChanged(person_ids=(school.pupil.id,)))
    assert school.todos_of(school.head) == []
    assert school.sees(school.next, case) == EVERYTHING
    assert Task.objects.get(case=case).addresses == [f"head:{other.id}"]
    assert following.follow([school.pupil.id]) == 0


def test_a_load_that_tells_nobody_is_found_at_night(school: School) -> None:
    case = school.ask(HEAD)
    school.move()
    assert following.follow_school(people.make_school(school.county).id) == 0
    assert following.follow_all() == 1
    assert school.todos_of(school.next) and Task.objects.get(case=case).holder is None
    school.pupil.class_memberships.all().delete()
    assert following.follow_school(school.school.id) == 0


def test_the_grade_head_of_today_is_asked(school: School) -> None:
    rule = Rule(kind=RuleKind.GRADE_HEAD)
    duty = school.give(school.head, "grade_leader", school.school, grade="G08")
    case = school.ask(rule)
    assert Task.objects.get(case=case).addresses == [f"holder:grade_leader/G08@{school.school.label}"]
    other = school.give(school.next, "grade_leader", school.school, grade="G07")
    assert (len(school.todos_of(school.head)), school.todos_of(school.next)) == (1, [])
    duty.valid_to, other.grade = clock.today(), "G08"
    duty.save(), other.save()
    assert school.sees(school.next, case) == EVERYTHING
    assert school.sees(school.head, case) == set()


def test_a_claim_ends_with_the_post_that_gave_it(school: School) -> None:
    case = school.ask(Rule(kind=RuleKind.POST, code="school_office", place=Place.SCHOOL))
    task = school.task(case)
    acting.claim(actor=school.actor("clerk"), task_id=task.id)
    assert school.sees(school.deputy, case) == {"inbox", "case", "file"}
    with pytest.raises(Conflict, match="认领"):
        acting.complete(actor=school.actor("deputy"), task_id=task.id, decision="agree")
    registry.hand_over(actor=SYSTEM, post_id=school.office.id, place="a", person_id=school.next.id, on=clock.today())
    assert cases.get_task(school.actor("deputy"), task.id).line.id == task.id
    told.follow_people(registry.RelationsChanged(person_ids=(school.clerk.id, school.next.id)))
    for who in (school.deputy, school.next):
        assert school.sees(who, case) == EVERYTHING
    assert school.sees(school.clerk, case) == set()
    acting.complete(actor=school.actor("next"), task_id=task.id, decision="agree")


def test_a_vacant_post_is_nobody(school: School) -> None:
    for place in "ab":
        registry.hand_over(actor=SYSTEM, post_id=school.office.id, place=place, person_id=None, on=clock.today())
    rules = [
        Rule(kind=RuleKind.POST, code="school_office", place=Place.SCHOOL),
        Rule(kind=RuleKind.NAMED_POST, code="school_office", organisation=school.school.code),
    ]
    assert [school.ask(rule).state for rule in rules] == ["stuck", "stuck"]
    registry.hand_over(actor=SYSTEM, post_id=school.office.id, place="a", person_id=school.next.id, on=clock.today())
    assert [school.ask(rule).state for rule in rules] == ["running", "running"]
    assert len(school.todos_of(school.next)) == 2


def test_a_duty_in_an_office_is_not_that_of_the_offices_below(school: School) -> None:
    below = people.make_organisation(school.county, "bureau", name="中心学校")
    leaders = [people.make_teacher(place, name) for place, name in ((school.county, "局长"), (below, "主任"))]
    for person, place in zip(leaders, (school.county, below), strict=True):
        school.give(person, "bureau_leader", place)
    rule = Rule(kind=RuleKind.DUTY, code="bureau_leader", place=Place.COUNTY)
    school.ask(rule)
    assert [len(school.todos_of(one)) for one in leaders] == [1, 0]
    school.give(school.officer, "bureau_leader", school.county)
    drawn = drawing.Drawing("transfer")
    drawn.user("panel", participants=(rule,), multi=Multi())
    drawn.line("start", "panel", "end")
    school.publish(drawn)
    case = school.start()
    assert {tuple(task.addresses) for task in Task.objects.filter(case=case)} == {
        (f"person:{leaders[0].id}",), (f"person:{school.officer.id}",)
    }  # fmt: skip


def test_a_role_has_a_to_do_for_whoever_chose_it_and_nobody_is_told(school: School) -> None:
    rule = Rule(kind=RuleKind.ROLE, code="county_admin", place=Place.COUNTY)
    assert school.ask(rule).state == "stuck"
    account = accounts.open_account_for(school.officer.id)
    identity.grant_role(actor=SYSTEM, account=account, role="county_admin", organisation=school.county)
    case = school.ask(rule)
    chosen = replace(school.actor("officer"), role="county_admin", path=str(school.county.path))
    assert [len(mail.open_todos("workflow", {inbox.role_key(one)})) for one in (chosen, school.actor("officer"))] == [
        1,
        0,
    ]
    task = school.task(case)
    acting.claim(actor=chosen, task_id=task.id)
    other = replace(school.actor("stranger"), role="county_admin", path=str(school.county.path))
    with pytest.raises(Conflict, match="认领"):
        acting.complete(actor=other, task_id=task.id, decision="agree")
    assert following.follow([school.officer.id]) == 0
    acting.complete(actor=chosen, task_id=task.id, decision="agree")


def test_experts_have_nothing_to_do_with_those_concerned(school: School) -> None:
    pool = people.make_organisation(school.root, "grouping", name="专家库", code="ZJK")
    studio = people.make_organisation(school.root, "grouping", name="名师工作室")
    group = [people.make_school(school.county, name=name) for name in ("总校", "成员校", "别的学校")]
    for member in (group[1], school.school):
        member.head_relations.create(kind="group", head=group[0], valid_from=people.START)
    group[2].head_relations.create(kind="territory", head=school.county, valid_from=people.START)
    campus = people.make_organisation(school.school, "campus", name="东校区")
    applicant = people.make_teacher(school.school, "申请人")
    free = people.make_teacher(group[2], "无关")
    spouse, fellow, double = (people.make_teacher(group[2], name) for name in ("配偶", "同工作室", "两个号"))
    child = people.make_pupil(people.make_class(group[2]))
    for one in (applicant, spouse):
        child.guardianships.create(child=child, guardian=one, relation="51", kind="legal", valid_from=people.START)
    merged = people.make_teacher(school.school, "两个号")
    merged.canonical = double
    merged.save()
    dead = people.make_teacher(group[2], "已故", deceased_on=clock.today() - timedelta(days=1))
    close = [people.make_teacher(place) for place in (group[0], group[1], campus)]
    for person in (free, spouse, fellow, double, dead, *close):
        join(person, pool)
    for person in (applicant, fellow):
        join(person, studio)
    fact = CaseFact(
        id=pool.id, number="", key="", title="", organisation_id=school.school.id, path=str(school.school.path),
        starter_id=applicant.id, subject_id=applicant.id, fields={},
    )  # fmt: skip
    rule = Rule(kind=RuleKind.EXPERTS, organisation="ZJK", number=1)
    assert {tuple(experts.draw(rule, fact, random.Random(seed))) for seed in range(8)} == {(f"person:{free.id}",)}
    assert experts.draw(replace(rule, number=2), fact, random.Random(1)) == []


def join(person: Any, place: Any) -> None:
    person.appointments.create(
        person=person, organisation=place, path=place.path, name_key=person.name_key, valid_from=people.START
    )
