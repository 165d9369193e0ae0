"""Leave of pupils: who records how much, who is told why, roll-calls, return."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from lingqu.campus.office import api as office
from lingqu.campus.office import testing
from lingqu.campus.office.models import Absence
from lingqu.campus.office.selectors.absences import list_class_absences, reason_of
from lingqu.campus.office.services.absences import note_return, record_absence, withdraw_absence
from lingqu.campus.office.services.rules import set_rules
from lingqu.campus.office.testing import FRIDAY, MONDAY
from lingqu.campus.office.types.values import PUPIL_KINDS, NewAbsence
from lingqu.campus.office.types.words import Audience
from lingqu.foundation.registry import testing as registry
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 24)


@pytest.fixture
def pupil(school: testing.School) -> Any:
    return registry.make_pupil(school.one)


def ask(school: testing.School, pupil: Any, last: date = FRIDAY, **more: Any) -> Absence:
    new = NewAbsence(
        audience=Audience.PUPIL, person_id=pupil.id, class_id=more.pop("group", school.one).id, kind="sick",
        starts_on=FRIDAY, ends_on=last, symptoms=["fever"], reason="夜里发烧", asked_by="母亲 王若琳", way="phone", **more,
    )  # fmt: skip
    return Absence.objects.get(id=record_absence(actor=school.head(school.one), new=new))


def test_a_class_teacher_grants_a_day_and_names_who_grants_more(school: testing.School, pupil: Any) -> None:
    with pytest.raises(Invalid, match="共 2 天，班主任可批 1 天"):
        ask(school, pupil, MONDAY)
    longer = ask(school, pupil, MONDAY, approved_by="年级组长 何清")
    assert (longer.days, longer.approved_by) == (2, "年级组长 何清")
    with pytest.raises(Conflict):
        ask(school, pupil)


def test_limits_are_the_countys_until_the_school_says_otherwise(school: testing.School, pupil: Any) -> None:
    for place, first in ((school.row.parent, 2), (school.row, 3)):
        set_rules(
            actor=testing.SYSTEM, organisation=place, audience=Audience.PUPIL, first=first, second=5, kinds=PUPIL_KINDS
        )
        assert office.rules_at(school.path, Audience.PUPIL).first == first
    assert ask(school, pupil, TUESDAY).days == 3


def test_a_roll_call_knows_who_is_away_but_not_why(school: testing.School, pupil: Any) -> None:
    absence = ask(school, pupil)
    assert reason_of(absence) == "夜里发烧" and b"\xe5\x8f\x91\xe7\x83\xa7" not in bytes(absence.sealed or b"")
    assert [one.name for one in office.list_on_leave(school.one.id, FRIDAY)] == ["周禾"]
    assert office.list_on_leave(school.one.id, MONDAY) == () == office.list_on_leave(school.two.id, FRIDAY)
    found = office.on_leave(pupil.id, FRIDAY)
    assert found is not None and not hasattr(found, "reason") and not hasattr(found, "symptoms")
    with pytest.raises(Forbidden):
        list_class_absences(school.teacher("罗芷"), school.one, FRIDAY)


def test_back_earlier_and_withdrawn(school: testing.School, pupil: Any) -> None:
    absence = ask(school, pupil, TUESDAY, approved_by="德育处")
    with pytest.raises(Invalid):
        note_return(actor=school.head(school.one), absence_id=absence.id, day=TUESDAY)
    note_return(actor=school.head(school.one), absence_id=absence.id, day=date(2026, 11, 21))
    absence.refresh_from_db()
    assert absence.days == 1 and office.on_leave(pupil.id, MONDAY) is None and office.on_leave(pupil.id, FRIDAY)
    withdraw_absence(actor=school.head(school.one), absence_id=absence.id)
    assert office.on_leave(pupil.id, FRIDAY) is None
    with pytest.raises(Conflict):
        withdraw_absence(actor=school.head(school.one), absence_id=absence.id)


def test_forged_pupils_classes_and_symptoms_are_refused(school: testing.School, pupil: Any) -> None:
    stranger = registry.make_pupil(school.two, name="陆子昂")
    with pytest.raises(Forbidden):
        ask(school, stranger)
    with pytest.raises(Forbidden):
        ask(school, stranger, group=school.two)
    new = NewAbsence(
        audience=Audience.PUPIL, person_id=pupil.id, class_id=school.one.id, kind="sick", starts_on=FRIDAY, ends_on=FRIDAY,
        symptoms=["bad mood"],
    )  # fmt: skip
    with pytest.raises(Invalid):
        record_absence(actor=school.head(school.one), new=new)
    assert not Absence.objects.exists()


def test_the_dead_are_on_no_list(school: testing.School, pupil: Any) -> None:
    ask(school, pupil)
    pupil.deceased_on = FRIDAY
    pupil.save(update_fields=["deceased_on"])
    assert office.list_on_leave(school.one.id, FRIDAY) == ()
