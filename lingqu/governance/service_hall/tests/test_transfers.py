"""Transfers: places, 就读 before 学籍, the national step, taking back. The case around them is in tests/process."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.governance.service_hall import register
from lingqu.governance.service_hall.models import Transfer
from lingqu.governance.service_hall.selectors import rules as rule_reading
from lingqu.governance.service_hall.selectors import seats, transfers
from lingqu.governance.service_hall.services import rules as rule_services
from lingqu.governance.service_hall.services import transfers as services
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict, Invalid

pytestmark = pytest.mark.django_db
CLERK = Actor.system("郝岩")


class Two:
    """Two schools of a county that lets children move all the year; a child in 八（1）班 of the first."""

    def __init__(self) -> None:
        registry.prepare()
        self.county = people.make_organisation(kind="region", name="青湾县")
        values = {
            **rule_reading.shipped()["transfer"].values,
            "windows": [{"start": "01-01", "end": "12-31", "term": "1"}],
        }
        rule_services.set_rule(
            actor=CLERK,
            organisation_code=self.county.code,
            kind="transfer",
            values=values,
            source="文件",
            valid_from=today(),
        )
        self.old, self.new = (people.make_school(self.county, name=name) for name in ("第三中学", "青湾实验中学"))
        self.here, self.there = people.make_class(self.old, size=40), people.make_class(self.new, size=49)
        self.child = people.make_pupil(self.here, "周禾")

    def where(self) -> tuple[set[str], set[str], set[str]]:
        """Schools of the open 就读, of the open 学籍, classes."""
        return tuple(
            set(manager.filter(person=self.child, valid_to=None).values_list(field, flat=True))
            for manager, field in (
                (register.enrolments(), "school__name"), (register.register_entries(), "school__name"),
                (register.memberships(), "class_group__school__name"),
            )
        )  # type: ignore[return-value]  # fmt: skip


@pytest.fixture
def two(db: None) -> Two:
    return Two()


def opened(two: Two) -> Transfer:
    return services.open_transfer(actor=CLERK, person_id=two.child.id, to_school_id=two.new.id)


def test_the_register_does_not_move_before_the_national_step_is_recorded(two: Two) -> None:
    made = opened(two)
    assert seats.free_at(two.new, "G08") == 0
    services.sit(actor=CLERK, transfer_id=made.id, class_id=two.there.id, on=today())
    assert two.where() == ({"青湾实验中学"}, {"第三中学"}, {"青湾实验中学"})
    with pytest.raises(Conflict) as refused:
        services.settle(actor=CLERK, transfer_id=made.id, ending="x")
    assert refused.value.code == "no_serial"
    with pytest.raises(Invalid):
        services.submit(actor=CLERK, transfer_id=made.id, serial="无")
    services.submit(actor=CLERK, transfer_id=made.id, serial="zx20261129-7")
    assert two.where()[1] == {"第三中学"} and transfers.list_settled() == ()
    services.settle(actor=CLERK, transfer_id=made.id, ending="佐证")
    assert two.where() == ({"青湾实验中学"},) * 3
    assert register.enrolments().get(person=two.child, valid_to=None).attendance == "registered"
    assert Transfer.objects.get().serial == "ZX20261129-7"


def test_the_next_national_file_settles_it(two: Two) -> None:
    made = opened(two)
    services.sit(actor=CLERK, transfer_id=made.id, class_id=two.there.id, on=today())
    services.submit(actor=CLERK, transfer_id=made.id, serial="ZX-000001")
    register.register_entries().filter(person=two.child).update(school=two.new, path=two.new.path)
    assert transfers.list_settled() == (made,)
    services.settle(actor=CLERK, transfer_id=made.id, ending="国家名册")
    assert register.register_entries().filter(person=two.child).count() == 1


def test_what_does_not_come_about_leaves_everything_as_it_was(two: Two) -> None:
    made, before = opened(two), two.where()
    services.sit(actor=CLERK, transfer_id=made.id, class_id=two.there.id, on=today())
    services.close(actor=CLERK, transfer_id=made.id, ending="家长撤回")
    services.close(actor=CLERK, transfer_id=made.id, ending="again")
    assert two.where() == before and seats.free_at(two.new, "G08") == 50  # counted anew: nobody sits there
    assert Transfer.objects.get().ending == "家长撤回"
    assert register.enrolments().filter(person=two.child).count() == 1


def test_the_last_place_is_given_once_and_nobody_moves_twice(two: Two) -> None:
    opened(two)
    with pytest.raises(Conflict) as again:
        opened(two)
    assert set(again.value.details) == {"open", "full"}
    other = people.make_pupil(two.here, "林溪")
    with pytest.raises(Conflict) as full:
        services.open_transfer(actor=CLERK, person_id=other.id, to_school_id=two.new.id)
    assert full.value.message == "转入学校八年级没有空余学位。" and Transfer.objects.count() == 1


def test_a_register_that_refuses_at_the_end_leaves_the_transfer_waiting(two: Two) -> None:
    made = opened(two)
    services.submit(actor=CLERK, transfer_id=made.id, serial="ZX-000001")
    with pytest.raises(Conflict) as refused:
        services.settle(actor=CLERK, transfer_id=made.id, ending="x")
    assert refused.value.code == "not_sitting" and Transfer.objects.get().state == "awaiting"
    assert two.where()[1] == {"第三中学"}


def test_classes_of_others_and_days_to_come_are_refused(two: Two) -> None:
    made = opened(two)
    junior = people.make_class(two.new, "G07", 2)
    for class_id, on in ((two.here.id, today()), (junior.id, today()), (two.there.id, today() + timedelta(days=1))):
        with pytest.raises(Invalid):
            services.sit(actor=CLERK, transfer_id=made.id, class_id=class_id, on=on)
    assert two.where()[0] == {"第三中学"}
