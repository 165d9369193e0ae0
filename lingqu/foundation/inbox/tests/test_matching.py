"""A reader sees a notice if and only if a slow reference, which walks the register person by person, says so, and it counts
only from the day on which he belonged; the sender expects exactly the receipts that so belonging readers can give."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
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
GRADES = ("G03", "G08")
PUPIL_GRADES = tuple(f"G{n:02d}" for n in range(4, 13))


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
    drawn.readers += drawn.children
    _spread(drawn, rng)
    return drawn


def _spread(drawn: Drawn, rng: Random) -> None:
    """Everything began on some day of the last hundred, and some of it follows on a former time elsewhere or here."""
    for person in drawn.readers:
        for rows in (
            person.appointments, person.duties, person.wards, person.enrolments, person.class_memberships,
        ):  # fmt: skip
            for row in rows.all():
                row.valid_from = clock.today() - timedelta(days=rng.randint(0, 100))
                row.save()
        for row in person.enrolments.all():
            if rng.random() < 0.5:
                _former(row, rng, school=rng.choice(drawn.schools), grade=rng.choice((*GRADES, "G07")))
        for row in person.appointments.filter(valid_to=None):
            if rng.random() < 0.5:
                _former(row, rng, organisation=rng.choice(drawn.schools))
    for post in drawn.posts:
        type(post).objects.filter(id=post.id).update(created_at=clock.now() - timedelta(days=rng.randint(0, 100)))
        post.refresh_from_db()


def _former(row: Any, rng: Random, **changes: Any) -> None:
    place = changes.get("school") or changes["organisation"]
    made = type(row).objects.get(pk=row.pk)
    made.pk, made.path, made.valid_to = None, place.path, row.valid_from
    made.valid_from = row.valid_from - timedelta(days=rng.randint(1, 60))
    for name, value in changes.items():
        setattr(made, name, value)
    made.save(force_insert=True)


def some_addresses(drawn: Drawn, rng: Random) -> list[Any]:
    place = rng.choice(drawn.places)
    return rng.sample(
        [
            making.to_posts(place, rng.choice(KINDS)), making.to_posts(place, KINDS[0], rng.choice(("21", "31"))),
            making.to_staff(place), making.to_staff(place, "principal"), making.to_families(place),
            making.to_families(place, rng.choice(GRADES)), making.to_class(rng.choice(drawn.classes)),
            making.to_pupils(place), making.to_pupils(place, "G08"), making.to_pupils_of(rng.choice([one for one in drawn.classes if one.grades == ["G08"]])),
            making.to_person(rng.choice([one for one in drawn.readers if one.appointments.filter(valid_to=None).exists()])),
        ],
        k=rng.randint(1, 2),
    )  # fmt: skip


def reference(person: Any, target: NoticeTarget) -> dict[tuple[str, UUID], bool]:
    """(kind, subject) of the receipts that a line of addresses asks of a person, with whether it went out before the person
    belonged; found without any key."""
    person.refresh_from_db()
    day = target.published_at.astimezone(clock.ZONE).date() if target.published_at else clock.today()
    place = str(target.organisation.path) if target.organisation else ""
    found: dict[tuple[str, UUID], bool] = {}
    if person.deceased_on is not None:
        return found
    if target.audience == "person" and target.person_id == person.id:
        found["person", person.id] = False
    if target.audience == "staff":
        rows = person.duties.filter(kind=target.code) if target.code else person.appointments.all()
        _note(found, ("person", person.id), _first_day(rows, place), day)
    if target.audience == "pupil":
        _note(found, ("person", person.id), _seated_since(person, target, place, PUPIL_GRADES), day)
    if target.audience == "post":
        for row in person.held_posts.filter(valid_to=None).select_related("post__organisation"):
            school = row.post.organisation
            works = person.appointments.filter(valid_to=None, organisation=school).exists()
            fits = school.school_type.startswith(target.school_type) and covers(place, str(school.path))
            if works and row.post.kind == target.code and fits:
                found["post", row.post_id] = day < row.post.created_at.astimezone(clock.ZONE).date()
    if target.audience == "family":
        for link in person.wards.filter(valid_to=None).exclude(kind="proxy").select_related("child"):
            since = _seated_since(link.child, target, place)
            if link.child.deceased_on is None and since is not None:
                _note(found, ("child", link.child_id), max(since, link.valid_from), day)
    return found


def _note(found: dict[tuple[str, UUID], bool], subject: tuple[str, UUID], since: Any, day: Any) -> None:
    if since is not None:
        found[subject] = day < since and found.get(subject, True)


def _first_day(rows: Any, place: str) -> Any:
    """The first day at a place of somebody who is there now."""
    here = [row for row in rows if covers(place, str(row.path))]
    return min(row.valid_from for row in here) if any(row.valid_to is None for row in here) else None


def _seated_since(child: Any, target: NoticeTarget, place: str, grades: tuple[str, ...] = ()) -> Any:
    seats = [one for one in child.enrolments.all() if not grades or one.grade in grades]
    if target.class_group_id:
        rows = list(child.class_memberships.filter(class_group=target.class_group_id))
        sits = any(row.valid_to is None for row in rows) and any(one.valid_to is None for one in seats)
        return min(row.valid_from for row in rows) if sits else None
    return _first_day([one for one in seats if target.code in ("", one.grade)], place)


def reference_expected(drawn: Drawn, notice: Notice) -> set[tuple[str, UUID]]:
    """Whose receipts a sender waits for: everybody addressed who belonged on the day, whether or not somebody reads."""
    found: set[tuple[str, UUID]] = set()
    for target in notice.targets.select_related("organisation"):
        day = target.published_at.astimezone(clock.ZONE).date()
        place = str(target.organisation.path) if target.organisation else ""
        if target.audience == "family":
            for child in drawn.children:
                since = _seated_since(child, target, place)
                if child.deceased_on is None and since is not None and since <= day:
                    found.add(("child", child.id))
        elif target.audience == "post":
            for post in drawn.posts:
                fits = post.organisation.school_type.startswith(target.school_type)
                fits = fits and post.kind == target.code and covers(place, str(post.organisation.path))
                if fits and post.created_at.astimezone(clock.ZONE).date() <= day:
                    found.add(("post", post.id))
        else:
            for person in drawn.readers:
                found |= {subject for subject, is_former in reference(person, target).items() if not is_former}
    return found


def actor_of(person: Any) -> Actor:
    return Actor(kind="account", name=person.name, account_id=person.id, person_id=person.id)


@pytest.mark.parametrize("seed", range(8))
def test_keys_say_what_the_register_says(seed: int) -> None:
    registry.prepare()
    rng = Random(seed)
    drawn = draw(rng)
    desk = people.make_post(drawn.places[0], "bureau_office")
    notices = [making.make_notice(desk, some_addresses(drawn, rng)) for _one in range(6)]
    for target in NoticeTarget.objects.all():
        sent = clock.today() - timedelta(days=rng.randint(0, 100))
        target.published_at = datetime.combine(sent, time(rng.randint(0, 23), 30), clock.ZONE)
        target.save()
    for person in drawn.readers:
        hits = reading.list_hits(reading.get_reader(actor_of(person)))
        wanted: dict[tuple[UUID, str, UUID], bool] = {}
        for notice in notices:
            for target in notice.targets.select_related("organisation"):
                for (kind, subject), is_former in reference(person, target).items():
                    key = (notice.id, kind, subject)
                    wanted[key] = is_former and wanted.get(key, True)
        assert {(hit.notice_id, hit.kind, hit.owner): hit.is_former for hit in hits} == wanted
        current = {notice_id for (notice_id, _kind, _owner), is_former in wanted.items() if not is_former}
        counts = reading.count(hits)
        assert (counts.unread, counts.waiting) == (len(current), len(current))
        assert counts.former == len({notice_id for notice_id, _kind, _owner in wanted} - current)
    for notice in notices:
        _check_receipts(notice, drawn, rng)


def _check_receipts(notice: Notice, drawn: Drawn, rng: Random) -> None:
    """Whatever readers confirm is counted once, and never more than was expected."""
    wanted = reference_expected(drawn, notice)
    confirmed: set[tuple[str, UUID]] = set()
    for person in rng.sample(drawn.readers, 5):
        hits = reading.list_hits(reading.get_reader(actor_of(person)), notice.id)
        assert {(hit.kind, hit.owner) for hit in hits if not hit.is_former} <= wanted
        for hit in hits:
            if hit.confirmed_at is None:
                receiving.confirm(actor=actor_of(person), notice_id=notice.id, owner=hit.owner)
                confirmed.add((hit.kind, hit.owner))
    expected = count_expected(notice.id)
    for kind in ("post", "child", "person"):
        found = board.get_board(notice, Reach(whole=True), board.Wanted(kind=kind))
        assert found.total == expected.get(kind, 0) == len([one for one in wanted if one[0] == kind])
        assert found.confirmed == len([one for one in confirmed & wanted if one[0] == kind])
        missing = board.list_missing(notice, Reach(whole=True), board.Wanted(kind=kind), limit=1000)
        assert len(missing) == found.missing
