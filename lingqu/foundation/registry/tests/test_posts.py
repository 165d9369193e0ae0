"""Posts of organisations: who may change them, hand-over, and what a person belongs to."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing
from lingqu.foundation.registry.models import Appointment, Guardianship, Person, Post, PostHolder
from lingqu.foundation.registry.selectors.posts import list_posts
from lingqu.foundation.registry.services import posts
from lingqu.foundation.registry.types import rights
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor, Right
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.models import AuditEntry, OutboxEvent
from lingqu.kernel.testing import actor_with

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")


def editor(path: Any) -> Actor:
    return Actor(kind="account", name="吴静", rights=(Right(rights.ORGANISATION_EDIT, str(path)),))


def test_a_post_stays_when_its_holder_changes() -> None:
    school = testing.make_school()
    first, second = testing.make_teacher(school, "甲"), testing.make_teacher(school, "乙")
    actor, since = editor(school.path), clock.today() - timedelta(days=40)
    made = posts.set_up_post(actor=actor, organisation_id=school.id, kind="school_office", phone="0530-5550101")
    posts.hand_over(actor=actor, post_id=made, place="a", person_id=first.id, on=since)
    assert [post.id for post in registry.belonging_of(first.id).posts] == [made]
    posts.hand_over(actor=actor, post_id=made, place="a", person_id=second.id, on=clock.today())
    assert registry.belonging_of(first.id).posts == ()
    (held,) = registry.belonging_of(second.id).posts
    assert (held.id, held.name, held.path, held.place) == (made, "校办", str(school.path), "a")
    (line,) = list_posts(school)
    assert [(one.name, one.until) for one in line.holders] == [("乙", None), ("甲", clock.today())]
    assert AuditEntry.objects.filter(action="registry.post.handed_over").count() == 2
    assert OutboxEvent.objects.filter(kind="registry.RelationsChanged").count() == 2


def test_what_began_today_and_is_taken_back_leaves_no_episode() -> None:
    school = testing.make_school()
    post = testing.make_post(school)
    first, second = testing.make_teacher(school, "甲"), testing.make_teacher(school, "乙")
    for person in (first, second, None):
        posts.hand_over(
            actor=SYSTEM, post_id=post.id, place="b", person_id=person.id if person else None, on=clock.today()
        )
    assert not PostHolder.objects.exists()


def test_who_leaves_the_organisation_holds_nothing() -> None:
    school = testing.make_school()
    person = testing.make_teacher(school)
    testing.make_post(school, a=person)
    assert len(registry.belonging_of(person.id).posts) == 1
    Appointment.objects.filter(person=person).update(valid_to=clock.today())
    assert registry.belonging_of(person.id).posts == ()
    assert list_posts(school)[0].holders[0].is_away


def test_refusals_write_nothing() -> None:
    school, other = testing.make_school(), testing.make_school()
    post, stranger = testing.make_post(school), testing.make_teacher(other)
    tomorrow = clock.today() + timedelta(days=1)
    for words, error in (
        ({"place": "a", "person_id": stranger.id, "on": clock.today()}, Invalid),
        ({"place": "c", "person_id": None, "on": clock.today()}, Invalid),
        ({"place": "a", "person_id": None, "on": tomorrow}, Invalid),
    ):
        with pytest.raises(error):
            posts.hand_over(actor=SYSTEM, post_id=post.id, **words)
    with pytest.raises(Conflict):
        posts.set_up_post(actor=SYSTEM, organisation_id=school.id, kind="school_office")
    with pytest.raises(Invalid):
        posts.set_up_post(actor=SYSTEM, organisation_id=school.id, kind="bureau_office")
    assert not PostHolder.objects.exists()
    assert Post.objects.count() == 1


@pytest.mark.parametrize("place", ["own", "other", "none"])
def test_only_who_edits_the_organisation_changes_its_posts(place: str) -> None:
    school, other = testing.make_school(), testing.make_school()
    post = testing.make_post(school)
    actor = {"own": editor(school.path), "other": editor(other.path), "none": actor_with("x")}[place]
    done = set()
    for name, write in {
        "open": lambda: posts.set_up_post(actor=actor, organisation_id=school.id, kind="moral_office"),
        "hand over": lambda: posts.hand_over(actor=actor, post_id=post.id, place="a", person_id=None, on=clock.today()),
        "phone": lambda: posts.set_post_phone(actor=actor, post_id=post.id, phone="1"),
        "many": lambda: posts.set_up_posts(actor=actor, path=str(school.path), by_duty={}, places=("school",)),
        "close": lambda: posts.close_post(actor=actor, post_id=post.id),
    }.items():
        try:
            write()
            done.add(name)
        except Forbidden:
            continue
    assert done == ({"open", "hand over", "phone", "many", "close"} if place == "own" else set())


def test_posts_of_many_schools_follow_their_duties() -> None:
    county = testing.make_organisation(kind="region")
    schools = [testing.make_school(county) for _one in range(3)]
    people = []
    for school in schools[:2]:
        person = testing.make_teacher(school)
        person.duties.create(organisation=school, path=school.path, kind="school_admin", valid_from=testing.START)
        people.append(person)
    wanted = {"school_office": "school_admin"}
    for expected in (2, 0):
        assert posts.set_up_posts(
            actor=SYSTEM, path=str(county.path), by_duty=wanted, places=("school",)
        ) == expected  # fmt: skip
    assert {post.organisation_id for post in Post.objects.all()} == {school.id for school in schools[:2]}
    assert [len(registry.belonging_of(one.id).posts) for one in people] == [1, 1]


def test_a_closed_post_is_held_by_nobody() -> None:
    school = testing.make_school()
    person = testing.make_teacher(school)
    post = testing.make_post(school, a=person)
    posts.close_post(actor=SYSTEM, post_id=post.id)
    assert registry.belonging_of(person.id).posts == ()
    assert posts.set_up_post(actor=SYSTEM, organisation_id=school.id, kind="school_office") != post.id


def test_children_belong_to_their_guardians_while_they_live_and_the_link_is_open() -> None:
    group = testing.make_class()
    child = testing.make_pupil(group)
    mother, helper = testing.make_guardian(child, "母"), testing.make_guardian(child, "代办", kind="proxy")
    (seat,) = registry.belonging_of(mother.id).children
    assert (seat.id, seat.since, [one.path for one in seat.classes]) == (child.id, testing.START, [str(group.id)])
    (place,) = seat.seats
    assert (place.path, place.code, place.since, place.is_open) == (str(group.school.path), "G08", testing.START, True)
    own = registry.belonging_of(child.id)
    assert (own.seats, own.classes) == (seat.seats, seat.classes)
    assert registry.belonging_of(helper.id).children == ()
    double = testing.make_person(group.school, "周禾")
    Person.objects.filter(id=child.id).update(canonical=double)
    (seat,) = registry.belonging_of(mother.id).children
    assert (seat.id, set(seat.ids), [one.path for one in seat.classes]) == (
        double.id,
        {child.id, double.id},
        [str(group.id)],
    )
    Person.objects.filter(id=double.id).update(deceased_on=date(2026, 11, 1))
    assert registry.belonging_of(mother.id).children == ()
    Person.objects.filter(id=double.id).update(deceased_on=None)
    Guardianship.objects.update(valid_to=clock.today())
    assert registry.belonging_of(mother.id).children == ()


def test_the_pages(visit: Any) -> None:
    school = testing.make_school()
    first, second = testing.make_teacher(school, "甲"), testing.make_teacher(school, "乙")
    base = f"/organisations/{school.code}"
    actor = Actor(
        kind="account", name="吴静",
        rights=tuple(Right(code, str(school.path)) for code in (rights.ORGANISATION_EDIT, rights.ORGANISATION_VIEW)),
    )  # fmt: skip
    values = {"kind": "school_office", "a": first.number, "b": "", "phone": "0530-5550101"}
    assert visit(actor, f"{base}/posts/new", values).status_code == 302
    post = Post.objects.get()
    assert visit(actor, f"/posts/{post.id}/phone", {"phone": "not a phone"}).status_code == 422
    assert visit(actor, f"/posts/{post.id}/phone", {"phone": "0530-5550199"}).status_code == 302
    move = {"place": "b", "person": second.number, "on": clock.today().isoformat()}
    assert visit(actor, f"/posts/{post.id}/hand-over", move).status_code == 302
    page = visit(actor, f"{base}?part=posts").content.decode()
    assert "校办" in page and "甲" in page and "乙" in page and "0530-5550199" in page
    assert visit(actor, f"/posts/{post.id}/close", {"x": "1"}).status_code == 302
    assert "还没有岗位" in visit(actor, f"{base}?part=posts").content.decode()
