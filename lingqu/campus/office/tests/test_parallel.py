"""Two desks press at the same moment."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from django.db import connection

from lingqu.campus.office import testing
from lingqu.campus.office.models import Absence, Cover
from lingqu.campus.office.services.covering import assign
from lingqu.campus.office.testing import FRIDAY
from lingqu.campus.office.types.values import Choice
from lingqu.foundation.registry import api as registry
from lingqu.foundation.timetable import api as timetable
from lingqu.kernel.errors import DomainError

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_desks_that_give_one_teacher_two_lessons_one_is_refused() -> None:
    school = testing.School()
    leaves = testing.staff_leave(school), testing.staff_leave(school, "程岳")
    groups, barrier, refused = (school.one, school.two), Barrier(2), []

    def press(absence: Absence, lesson_id: int) -> None:
        choice = Choice(lesson_id=lesson_id, day=FRIDAY, kind="substitute", substitute=school.people["顾言"].id)
        barrier.wait(20)
        try:
            assign(actor=school.officer(), absence_id=absence.id, choices=[choice])
        except DomainError as refusal:
            refused.append(refusal.code)
        finally:
            connection.close()

    desks = [
        Thread(target=press, args=(absence, school.lesson_id(group, 5, "1")))
        for absence, group in zip(leaves, groups, strict=True)
    ]
    for desk in desks:
        desk.start()
    for desk in desks:
        desk.join(60)
    assert refused == ["busy"] and Cover.objects.count() == 1
    held = timetable.lessons_today(registry.ids_of(school.people["顾言"].id), FRIDAY)
    assert [one.state for one in held] == ["substitute"]
