"""Which roles and rights follow from the register and from grants: every role with what it may do where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lingqu.foundation.identity import api as identity
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import Account
from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor

pytestmark = pytest.mark.django_db
see, mine = registry.rights, identity.rights


class Town:
    """A school with two classes and one person for each derived role, beside a second school."""

    def __init__(self) -> None:
        self.root = registry.ensure_root()
        self.school, self.other = testing.make_school(), testing.make_school("3301000002", "另一所")
        self.first, self.second = (testing.make_class(self.school, name) for name in ("三（1）班", "三（2）班"))
        self.child = testing.make_person("孩子", organisation=self.school)
        testing.seat(self.child, self.first)
        self.people: dict[str, Any] = {"student": self.child}
        self._add("guardian", lambda one: testing.guard(one, self.child))
        self._add("teacher", lambda one: testing.teach(one, self.first))
        self._add("class_teacher", lambda one: testing.give_duty(one, "head_teacher", self.school, self.first))
        for role, kind in (
            ("principal", "principal"), ("school_admin", "school_admin"), ("register_officer", "register_officer"),
        ):  # fmt: skip
            self._add(role, lambda one, kind=kind: testing.give_duty(one, kind, self.school))
        self._add("county_admin", lambda one: testing.give_duty(one, "county_officer", self.root))
        self._add("bureau_leader", lambda one: testing.give_duty(one, "bureau_leader", self.root))

    def _add(self, role: str, tie: Callable[[Any], None]) -> None:
        self.people[role] = testing.make_person(role, organisation=self.school)
        tie(self.people[role])

    def actor(self, role: str) -> Actor:
        person = self.people.get(role)
        account = testing.account_for(person) if person else testing.duty_account(role, self.root)
        return identity.actor_for(account)


@pytest.fixture
def town(db: None) -> Town:
    return Town()


TREE = {
    "operator": {see.ORGANISATION_VIEW, see.CLASS_VIEW, see.COUNT_VIEW, "intake.import.run", "intake.import.view",
                 "kernel.health.view", mine.ACCOUNT_VIEW, mine.FIGURES_VIEW, "quality.finding.view"},
    "system_admin": {"kernel.health.view", mine.ROLE_VIEW, mine.FIGURES_VIEW, mine.SMS_MANAGE, "applications.view",
                     "upstream.manage", "records.credential.keep"},
    "security_admin": {
        mine.ROLE_VIEW, mine.ROLE_GRANT, mine.ACCOUNT_LOCK, mine.SECURITY_MANAGE, "applications.review.security", "applications.suspend",
        "applications.view",
    },
    "auditor": {"kernel.audit.view"},
    "bureau_leader": {see.ORGANISATION_VIEW, see.COUNT_VIEW, "quality.finding.view", "statistics.snapshot.view",
                      "statistics.sheet.view", "statistics.conditions.view", "collection.view", mine.FIGURES_VIEW,
                      "workflow.case.view"},
}  # fmt: skip


@pytest.mark.parametrize("role", sorted(TREE))
def test_offices_hold_exactly_their_rights_and_see_no_people(town: Town, role: str) -> None:
    actor = town.actor(role)
    own = f"person:{actor.person_id}"
    assert actor.role == role
    assert {(right.code, right.path) for right in actor.rights if right.path != own} == {
        (code, str(town.root.path)) for code in TREE[role]
    }
    assert not actor.holds(see.PERSON_VIEW, str(town.school.path))


@pytest.mark.parametrize(
    ("role", "at_school", "on_first_class", "at_other"),
    [
        ("county_admin", True, False, True),
        ("principal", True, False, False),
        ("school_admin", True, False, False),
        ("register_officer", True, False, False),
        ("class_teacher", False, True, False),
        ("teacher", False, True, False),
        ("student", False, False, False),
        ("guardian", False, False, False),
        ("bureau_leader", False, False, False),
        ("operator", False, False, False),
    ],
)
def test_where_people_are_seen(town: Town, role: str, at_school: bool, on_first_class: bool, at_other: bool) -> None:
    actor = town.actor(role)
    assert actor.role == role
    assert actor.holds(see.PERSON_VIEW, str(town.school.path)) is at_school
    assert (town.first.id in actor.things(see.PERSON_VIEW, "class")) is on_first_class
    assert town.second.id not in actor.things(see.PERSON_VIEW, "class")
    assert actor.holds(see.PERSON_VIEW, str(town.other.path)) is at_other


def test_pupils_and_parents_see_themselves_and_their_own(town: Town) -> None:
    student, guardian = town.actor("student"), town.actor("guardian")
    assert student.things(see.PERSON_VIEW, "person") == (town.child.id,)
    assert student.things(see.CLASS_VIEW, "class") == (town.first.id,)
    assert set(guardian.things(see.PERSON_VIEW, "person")) == {town.child.id, town.people["guardian"].id}
    assert not guardian.has(see.PERSON_REVEAL)


def test_teachers_see_the_school_and_its_teaching_only_there(town: Town) -> None:
    for role in ("teacher", "class_teacher"):
        actor = town.actor(role)
        for code in (see.ORGANISATION_VIEW, see.TEACHING_VIEW):
            assert actor.paths(code) == (str(town.school.path),)
    assert town.actor("class_teacher").things(mine.ACCOUNT_RESET, "class") == (town.first.id,)
    assert not town.actor("teacher").has(mine.ACCOUNT_RESET)


def test_only_the_chosen_role_gives_rights(town: Town) -> None:
    teacher = town.people["teacher"]
    testing.give_duty(teacher, "register_officer", town.school)
    account = testing.account_for(teacher)
    assert identity.actor_for(account).role == "register_officer"
    chosen = identity.actor_for(account, "teacher")
    assert (chosen.role, chosen.has(see.PERSON_REVEAL)) == ("teacher", False)


def test_the_dead_and_those_without_relations_act_in_nothing(town: Town) -> None:
    person = testing.make_person("无任职")
    assert identity.actor_for(testing.account_for(person)).role == ""
    town.people["teacher"].deceased_on = testing.SINCE
    town.people["teacher"].save(update_fields=["deceased_on"])
    assert town.actor("teacher").role == ""


def test_ended_roles_are_gone(town: Town) -> None:
    account = testing.duty_account("operator", town.root)
    identity.end_role(actor=testing.SYSTEM, assignment_id=account.roles.get().id)
    assert identity.actor_for(Account.objects.get(id=account.id)).rights == ()


DUTIES_AND_POSTS = [
    ("school", "duty", "principal", "principal"), ("school", "duty", "vice_principal", "deputy_principal"),
    ("school", "duty", "academic_director", "academic_director"), ("school", "duty", "moral_director", "moral_director"),
    ("school", "duty", "school_admin", "school_admin"), ("school", "duty", "register_officer", "register_officer"),
    ("school", "duty", "bureau_leader", ""), ("school", "duty", "county_officer", ""),
    ("school", "duty", "services_director", ""), ("school", "duty", "grade_leader", ""),
    ("school", "duty", "subject_leader", ""), ("school", "duty", "lesson_leader", ""),
    ("region", "duty", "bureau_leader", "bureau_leader"), ("region", "duty", "county_officer", "county_admin"),
    ("region", "duty", "register_officer", "register_officer"), ("region", "duty", "principal", ""),
    ("region", "duty", "school_admin", ""), ("region", "duty", "academic_director", ""),
    ("school", "post", "", "teacher"), ("school", "post", "10", "teacher"), ("school", "post", "49", "teacher"),
    ("school", "post", "33", "staff"), ("school", "post", "61", "staff"), ("school", "post", "65", "staff"),
    ("teaching_point", "post", "10", "teacher"), ("campus", "post", "10", "teacher"),
    ("region", "post", "33", "staff"), ("region", "post", "10", "staff"), ("bureau", "post", "", "staff"),
    ("institution", "post", "10", "staff"), ("department", "post", "10", "staff"), ("grouping", "post", "", "staff"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "source", "word", "role"), DUTIES_AND_POSTS)
def test_which_duty_and_which_post_gives_which_role(db: None, place: str, source: str, word: str, role: str) -> None:
    """教师 only in a teaching post at a school: a clerk of the bureau is no teacher."""
    organisation = testing.make_school("3301000003", "某处", kind=place)
    person = testing.make_person("某人", organisation=organisation)
    if source == "duty":
        testing.give_duty(person, word, organisation)
    else:
        testing.employ(person, organisation, post=word)
    assert identity.actor_for(testing.account_for(person)).role == role


def test_every_duty_of_the_register_is_decided(db: None) -> None:
    duties = testing.make_person().duties.model
    kinds = {kind for kind, _label in duties._meta.get_field("kind").choices}
    told = {word for _place, source, word, _role in DUTIES_AND_POSTS if source == "duty"}
    assert kinds == told | {"head_teacher", "deputy_head_teacher"}


def test_a_proxy_sees_class_and_teachers_only(town: Town) -> None:
    helper = testing.make_person("奶奶", organisation=town.school)
    testing.guard(helper, town.child, kind="proxy")
    actor = identity.actor_for(testing.account_for(helper))
    assert actor.role == "guardian"
    assert town.child.id not in actor.things(see.PERSON_VIEW, "person")
    assert town.first.id in actor.things(see.CLASS_VIEW, "class")
    assert {right.code for right in actor.rights} == {
        see.CLASS_VIEW, see.ORGANISATION_VIEW, see.PERSON_VIEW, "timetable.view",
    }  # fmt: skip
    assert actor.things(see.PERSON_VIEW, "person") == (helper.id,)


def test_two_children_in_two_schools_behind_one_guardian(town: Town) -> None:
    second = testing.make_person("弟弟", organisation=town.other)
    testing.seat(second, testing.make_class(town.other, "一（1）班"))
    testing.guard(town.people["guardian"], second)
    actor = identity.actor_for(testing.account_for(town.people["guardian"]))
    assert {town.child.id, second.id} < set(actor.things(see.PERSON_VIEW, "person"))
    assert set(actor.paths(see.ORGANISATION_VIEW)) == {str(town.school.path), str(town.other.path)}
