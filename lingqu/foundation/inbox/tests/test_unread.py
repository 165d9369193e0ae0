"""Unread counts stay exact through anything that happens: a model that walks the register counts beside the inbox."""

from __future__ import annotations

from random import Random
from typing import Any
from uuid import UUID

import pytest

from lingqu.foundation.inbox.models import Notice
from lingqu.foundation.inbox.selectors import reading
from lingqu.foundation.inbox.services import drafting, publishing, receiving
from lingqu.foundation.inbox.testing import make_notice
from lingqu.foundation.inbox.tests.test_matching import actor_of, draw, reference, some_addresses
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
STEPS = 30


class Model:
    """What was published, what is valid, and for whom it was read."""

    def __init__(self, rng: Random) -> None:
        registry.prepare()
        self.rng, self.drawn = rng, draw(rng)
        self.desk = people.make_post(self.drawn.places[0], "bureau_office")
        self.notices: list[Notice] = []
        self.read: set[tuple[UUID, str, UUID]] = set()
        self.publish()

    def valid(self) -> list[Notice]:
        replaced = {one.corrects_id for one in self.notices if one.state == "published"}
        return [one for one in self.notices if one.state == "published" and one.id not in replaced]

    def subjects(self, person: Any, notice: Notice) -> dict[tuple[str, UUID], bool]:
        """For whom a notice is the person's, with whether it went out before that person's time."""
        found: dict[tuple[str, UUID], bool] = {}
        for target in notice.targets.select_related("organisation"):
            for subject, is_former in reference(person, target).items():
                found[subject] = is_former and found.get(subject, True)
        return found

    def unread(self, person: Any) -> int:
        return sum(
            any(
                not former and (one.id, *subject) not in self.read
                for subject, former in self.subjects(person, one).items()
            )
            for one in self.valid()
        )

    # What happens

    def publish(self) -> None:
        self.notices.append(make_notice(self.desk, some_addresses(self.drawn, self.rng)))

    def withdraw(self) -> None:
        if valid := self.valid():
            notice = self.rng.choice(valid)
            publishing.withdraw(actor=SYSTEM, notice_id=notice.id, reason="有误")
            notice.refresh_from_db()

    def supersede(self) -> None:
        if valid := self.valid():
            made = drafting.draft_correction(actor=SYSTEM, notice_id=self.rng.choice(valid).id)
            publishing.publish(actor=SYSTEM, notice_id=made)
            self.notices.append(Notice.objects.get(id=made))

    def open(self) -> None:
        """Somebody reads, or confirms what asks for it."""
        for person in self.rng.sample(self.drawn.readers, 4):
            for notice in self.valid()[-3:]:
                if subjects := self.subjects(person, notice):
                    receiving.mark_read(reading.open_notice(actor_of(person), notice.id))
                    self.read |= {(notice.id, *subject) for subject in subjects}

    def move_pupil(self) -> None:
        child, group = self.rng.choice(self.drawn.children), self.rng.choice(self.drawn.classes)
        for rows in (child.enrolments, child.class_memberships):
            rows.filter(valid_to=None).update(valid_to=clock.today())
        child.enrolments.create(
            school=group.school, path=group.school.path, grade=group.grades[0], attendance="attending",
            name_key=child.name_key, valid_from=clock.today(),
        )  # fmt: skip
        child.class_memberships.create(class_group=group, valid_from=clock.today())

    def change_class(self) -> None:
        child = self.rng.choice(self.drawn.children)
        seat = child.enrolments.filter(valid_to=None).first()
        if seat is not None:
            child.class_memberships.filter(valid_to=None).update(valid_to=clock.today())
            made = people.make_class(seat.school, seat.grade, serial=self.rng.randint(3, 90))
            self.drawn.classes.append(made)
            child.class_memberships.create(class_group=made, valid_from=clock.today())

    def new_guardian(self) -> None:
        child, person = self.rng.choice(self.drawn.children), self.rng.choice(self.drawn.readers)
        if person.id != child.id and not person.wards.filter(child=child, valid_to=None).exists():
            child.guardianships.create(guardian=person, valid_from=clock.today())

    def end_guardian(self) -> None:
        child = self.rng.choice(self.drawn.children)
        child.guardianships.filter(valid_to=None).update(valid_to=clock.today())

    def hand_over(self) -> None:
        post = self.rng.choice([*self.drawn.posts, self.desk])
        post.holders.filter(valid_to=None).update(valid_to=clock.today())
        post.holders.create(person=self.rng.choice(self.drawn.readers), place="a", valid_from=clock.today())

    def die(self) -> None:
        child = self.rng.choice(self.drawn.children)
        type(child).objects.filter(id=child.id).update(deceased_on=clock.today())


ACTS = (
    Model.publish, Model.publish, Model.open, Model.open, Model.open, Model.withdraw, Model.supersede, Model.move_pupil,
    Model.change_class, Model.new_guardian, Model.end_guardian, Model.hand_over, Model.die,
)  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_unread_counts_are_exact_after_whatever_happened(seed: int) -> None:
    rng = Random(seed)
    model = Model(rng)
    done: list[str] = []
    for step in range(STEPS):
        act = rng.choice(ACTS)
        act(model)
        done.append(act.__name__)
        for person in model.drawn.readers if step == STEPS - 1 else rng.sample(model.drawn.readers, 4):
            counted = reading.count(reading.list_hits(reading.get_reader(actor_of(person))))
            assert counted.unread == model.unread(person), (done, person.name)
    assert len(set(done)) > 5 and model.read
