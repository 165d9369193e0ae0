"""A reader sees a notice if and only if a slow reference, which walks the register person by person, says so; and the
sender expects exactly the receipts that readers can give."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

import pytest

from lingqu.foundation.inbox import testing as making
from lingqu.foundation.inbox.models import Notice, NoticeTarget
from lingqu.foundation.inbox.policies import Reach
from lingqu.foundation.inbox.selectors import board, reading
from lingqu.foundation.inbox.selectors.expected import count_expected
from lingqu.foundation.inbox.services import receiving
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor, covers

pytestmark = pytest.mark.django_db
KINDS = ("school_office", "academic_office")
GRADES = ("G07", "G08")


@dataclass
class Drawn:
    """A small random region with everything that addresses can name."""

    places: list[Any] = field(default_factory=list)
    schools: list[Any] = field(default_factory=list)
    classes: list[Any] = field(default_factory=list)
    posts: list[Any] = field(default_factory=list)
    readers: list[Any] = field(default_factory=list)
    children: list[Any] = field(default_factory=list)


def draw(rng: Random) -> Drawn:
    drawn = Drawn(places=[people.make_root()])
    drawn.places += [people.make_organisation(kind="region") for _one in range(2)]
    for county in drawn.places[1:]:
        drawn.schools += [people.make_school(county, school_type=rng.choice(("211", "311"))) for _one in range(2)]
    drawn.places += drawn.schools
    for school in drawn.schools:
        staff = [people.make_teacher(school) for _one in range(2)]
        drawn.readers += staff
        drawn.classes += [people.make_class(school, grade) for grade in GRADES]
        for kind in KINDS:
            if rng.random() < 0.7:
                drawn.posts.append(people.make_post(school, kind, a=rng.choice([*staff, None])))
        if rng.random() < 0.5:
            staff[0].duties.create(organisation=school, path=school.path, kind="principal", valid_from=people.START)
        if rng.random() < 0.3:
            staff[1].appointments.update(valid_to=clock.today())
    drawn.children = [people.make_pupil(group) for group in drawn.classes]
    for child in drawn.children:
        mother = people.make_guardian(child, kind=rng.choice(("legal", "legal", "proxy")))
        drawn.readers.append(mother)
        if rng.random() < 0.4:
            rng.choice(drawn.children).guardianships.create(guardian=mother, valid_from=people.START)
    for child in rng.sample(drawn.children, 2):
        type(child).objects.filter(id=child.id).update(deceased_on=clock.today())
    return drawn


def some_addresses(drawn: Drawn, rng: Random) -> list[Any]:
    place = rng.choice(drawn.places)
    return rng.sample(
        [
            making.to_posts(place, rng.choice(KINDS)), making.to_posts(place, KINDS[0], rng.choice(("21", "31"))),
            making.to_staff(place), making.to_staff(place, "principal"), making.to_families(place),
            making.to_families(place, rng.choice(GRADES)), making.to_class(rng.choice(drawn.classes)),
            making.to_person(rng.choice([one for one in drawn.readers if one.appointments.filter(valid_to=None).exists()])),
        ],
        k=rng.randint(1, 2),
    )  # fmt: skip


def reference(person: Any, target: NoticeTarget) -> set[tuple[str, UUID]]:
    """(kind, subject) of the receipts that a line of addresses asks of a person, found without any key."""
    person.refresh_from_db()
    place = str(target.organisation.path) if target.organisation else ""
    work = list(person.appointments.filter(valid_to=None))
    found: set[tuple[str, UUID]] = set()
    if target.audience == "person" and target.person_id == person.id:
        found.add(("person", person.id))
    if target.audience == "staff":
        held = person.duties.filter(valid_to=None, kind=target.code) if target.code else work
        if any(covers(place, str(one.path)) for one in held):
            found.add(("person", person.id))
    if target.audience == "post":
        for row in person.held_posts.filter(valid_to=None).select_related("post__organisation"):
            school = row.post.organisation
            works = any(one.organisation_id == school.id for one in work)
            fits = school.school_type.startswith(target.school_type) and covers(place, str(school.path))
            if works and row.post.kind == target.code and fits:
                found.add(("post", row.post_id))
    if target.audience == "family":
        for link in person.wards.filter(valid_to=None).exclude(kind="proxy").select_related("child"):
            if link.child.deceased_on is None and _sits(link.child, target, place):
                found.add(("child", link.child_id))
    return found


def _sits(child: Any, target: NoticeTarget, place: str) -> bool:
    if target.class_group_id:
        return child.class_memberships.filter(class_group=target.class_group_id, valid_to=None).exists()
    seats = child.enrolments.filter(valid_to=None)
    return any(covers(place, str(seat.path)) and target.code in ("", seat.grade) for seat in seats)


def actor_of(person: Any) -> Actor:
    return Actor(kind="account", name=person.name, account_id=person.id, person_id=person.id)


@pytest.mark.parametrize("seed", range(8))
def test_keys_say_what_the_register_says(seed: int) -> None:
    registry.prepare()
    rng = Random(seed)
    drawn = draw(rng)
    desk = people.make_post(drawn.places[0], "bureau_office")
    notices = [making.make_notice(desk, some_addresses(drawn, rng)) for _one in range(6)]
    for person in drawn.readers:
        hits = reading.list_hits(reading.get_reader(actor_of(person)))
        seen = {(hit.notice_id, hit.kind, hit.owner) for hit in hits}
        wanted = {
            (notice.id, kind, subject)
            for notice in notices
            for target in notice.targets.select_related("organisation")
            for kind, subject in reference(person, target)
        }
        assert seen == wanted
        assert reading.count(hits).unread == len({notice_id for notice_id, _kind, _owner in wanted})
    for notice in notices:
        _check_receipts(notice, drawn, rng)


def _check_receipts(notice: Notice, drawn: Drawn, rng: Random) -> None:
    """Whatever readers confirm is counted once, and never more than was expected."""
    confirmed: set[tuple[str, UUID]] = set()
    for person in rng.sample(drawn.readers, 5):
        hits = reading.list_hits(reading.get_reader(actor_of(person)), notice.id)
        for hit in hits:
            if hit.confirmed_at is None:
                receiving.confirm(actor=actor_of(person), notice_id=notice.id, owner=hit.owner)
                confirmed.add((hit.kind, hit.owner))
    expected = count_expected(notice.id)
    for kind in ("post", "child", "person"):
        found = board.get_board(notice, Reach(whole=True), board.Wanted(kind=kind))
        assert found.total == expected.get(kind, 0)
        assert found.confirmed == len([one for one in confirmed if one[0] == kind])
        missing = board.list_missing(notice, Reach(whole=True), board.Wanted(kind=kind), limit=1000)
        assert len(missing) == found.missing
