"""学年升级: teachers, traces, runs, locking, and that undoing gives back exactly what was there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry.models import (
    Appointment,
    ClassGroup,
    ClassMembership,
    Duty,
    Enrolment,
    TeachingAssignment,
)
from lingqu.foundation.registry.testing import make_root, make_school
from lingqu.foundation.yearly.models import SchoolPlan
from lingqu.foundation.yearly.services.deciding import decide_pupil, set_rules
from lingqu.foundation.yearly.services.running import perform, start_run
from lingqu.foundation.yearly.services.years import ensure_rollover, lock_rollover
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.models import AuditEntry, Change, OutboxEvent
from lingqu.kernel.testing import actor_with
from tests.yearly.worlds import (
    AUGUST,
    BEGAN,
    SYSTEM,
    TO,
    TURN,
    add_class,
    add_pupil,
    everything,
    five_four_nine_year,
    open_grade,
    plan_of,
    point_of,
    run,
    teach,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_august")]


def test_class_teachers_who_still_work_here_stay_and_teaching_ends() -> None:
    school = five_four_nine_year()
    head = Duty.objects.get(class_group__grades=["G02"]).person
    gone = Duty.objects.get(class_group__grades=["G03"]).person
    Appointment.objects.filter(person=gone).update(valid_to=AUGUST)
    run("preview")
    assert plan_of(school).heads_missing == 1
    run("apply", include_missing=True)
    assert Duty.objects.get(person=head, valid_to=None).class_group.name == "三（1）班"
    assert not Duty.objects.filter(person=gone, valid_to=None).exists()
    assert not TeachingAssignment.objects.filter(valid_to=None).exists()


def test_a_school_that_changed_since_the_preview_is_held_back() -> None:
    school = five_four_nine_year()
    run("preview")
    add_pupil(ClassGroup.objects.get(grades=["G02"]), "转来")
    registry.recount()
    before = everything()
    assert run("apply", include_missing=True) == {"plan_changed": 1}
    assert (plan_of(school).fault, everything()) == ("plan_changed", before)
    run("preview")
    assert run("apply", include_missing=True) == {"applied": 1}


def test_one_trace_a_school_and_a_change_row_an_entity() -> None:
    school = five_four_nine_year()
    run("preview")
    changes, events, audits = Change.objects.count(), OutboxEvent.objects.count(), AuditEntry.objects.count()
    run("apply", include_missing=True)
    assert AuditEntry.objects.filter(action="registry.school.advanced").count() == 1
    assert OutboxEvent.objects.count() - events == 2
    assert AuditEntry.objects.count() - audits == 2
    # 8 classes, 27 + 24 enrolments, 27 + 24 seats, 9 + 8 duties, 9 assignments
    assert Change.objects.count() - changes == 8 + 51 + 51 + 17 + 9
    assert school.name


def test_undo_lists_pupils_changed_meanwhile_and_leaves_them() -> None:
    school = five_four_nine_year()
    run("preview")
    run("apply", include_missing=True)
    moved, graduate = (
        Enrolment.objects.get(person__name="甲2", valid_to=None),
        Enrolment.objects.get(person__name="甲9"),
    )
    other = make_school(name="外校")
    Enrolment.objects.filter(id=moved.id).update(valid_to=TURN, school_number="x")
    Enrolment.objects.create(
        person=graduate.person, school=other, path=other.path, name_key="j", grade="G10", valid_from=TURN
    )
    advance = registry.find_advance(school.id, TO)
    assert advance is not None
    changed = {one.name: one.kind for one in registry.list_changed(advance)}
    assert changed == {"甲2": "left", "甲9": "enrolled"}
    registry.recount()
    before = everything()
    assert run("undo") == {"changed_meanwhile": 1}
    assert everything() == before
    seen = [str(one.person_id) for one in registry.list_changed(advance)]
    assert run("undo", seen=seen) == {"undone": 1}
    assert open_grade(graduate.person) == ("外校", "G10")
    assert open_grade(Enrolment.objects.get(person__name="乙2").person) == (school.name, "G02")
    assert plan_of(school).state == "missing"


def test_nothing_moves_after_locking() -> None:
    school = five_four_nine_year()
    run("preview")
    run("apply", include_missing=True)
    lock_rollover(actor=SYSTEM, to_year=TO)
    for kind in ("undo", "apply", "preview"):
        with pytest.raises(Conflict) as refusal:
            run(kind)
        assert refusal.value.code == "rollover_locked"
    with pytest.raises(Conflict):
        set_rules(actor=SYSTEM, plan_id=plan_of(school).id)


def test_the_end_of_august_locks_and_before_june_nothing_is_applied(monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import UTC, datetime

    from lingqu.kernel import clock

    five_four_nine_year()
    run("preview")
    monkeypatch.setattr(clock, "now", lambda: datetime(2027, 8, 31, 16, 0, tzinfo=UTC))
    with pytest.raises(Conflict, match="已经锁定"):
        run("apply")
    monkeypatch.setattr(clock, "now", lambda: datetime(2027, 5, 31, 15, 59, tzinfo=UTC))
    with pytest.raises(Conflict) as refusal:
        run("apply")
    assert refusal.value.code == "too_early"


def test_a_run_that_was_killed_goes_on_and_another_waits() -> None:
    first, second = five_four_nine_year(), five_four_nine_year()
    run("preview")
    made = start_run(actor=SYSTEM, kind="apply", to_year=TO, path=str(make_root().path),
                     options={"include_missing": True}, queued=False)  # fmt: skip
    with pytest.raises(Conflict) as refusal:
        run("undo")
    assert refusal.value.code == "rollover_busy"
    from lingqu.foundation.yearly.services import running

    step = next(s for s in running.previewing.steps_in(made.rollover, ids=[first.id]))
    assert running._apply_one(SYSTEM, made, step, plan_of(first).id) == "applied"
    assert perform(made.id).result == {"applied": 1}
    assert {plan_of(first).state, plan_of(second).state} == {"applied"}
    assert Enrolment.objects.filter(school=first, valid_to=None).count() == 24


@pytest.mark.parametrize("year", ["2027", "2027-2029", "2027-2028x", "abcd-efgh", "1990-1991", "2027-2028'; --"])
def test_a_year_is_two_numbers(year: str) -> None:
    with pytest.raises(Invalid):
        ensure_rollover(year)


def test_rights_hold_at_the_place() -> None:
    school = five_four_nine_year()
    run("preview")
    stranger = actor_with("yearly.rollover.apply", "yearly.rollover.decide", "registry.class.edit", path="zzz")
    for kind in ("preview", "apply", "undo"):
        with pytest.raises(Forbidden):
            start_run(actor=stranger, kind=kind, to_year=TO, path=str(school.path))
    with pytest.raises(Forbidden):
        lock_rollover(actor=stranger, to_year=TO)
    pupil = Enrolment.objects.get(person__name="甲2").person
    with pytest.raises(Forbidden):
        decide_pupil(actor=stranger, plan_id=plan_of(school).id, person_id=pupil.id, grade="G04", reason="理由充分")


# ---- property -----------------

GRADES_OF = {
    ("211", "six_three"): ["G01", "G05", "G06"], ("312", "five_four"): ["G04", "G05", "G06", "G09"],
    ("311", "five_four"): ["G06", "G09"], ("341", "six_three"): ["G07", "G09", "G10", "G12"], ("111", "six_three"): ["K1", "K3"],
}  # fmt: skip


@st.composite
def cities(draw: st.DrawFn) -> list[tuple[tuple[str, str], list[tuple[str, int, list[str]]]]]:
    kinds = draw(st.lists(st.sampled_from(sorted(GRADES_OF)), min_size=1, max_size=3))
    pupil = st.sampled_from(["plain", "plain", "away", "absent", "odd", "moved", "dead"])
    return [
        (kind, [(grade, serial, draw(st.lists(pupil, max_size=4)))
                for grade in GRADES_OF[kind] for serial in range(1, draw(st.integers(1, 2)) + 1)])
        for kind in kinds
    ]  # fmt: skip


@settings(
    max_examples=10,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(city=cities(), with_point=st.booleans(), regroup=st.booleans())
def test_rollover_and_undo_is_identity(city: Any, with_point: bool, regroup: bool) -> None:
    from django.db import transaction

    with transaction.atomic():
        schools = [_build(kind, classes) for kind, classes in city]
        if with_point:
            point = point_of(schools[0])
            group = add_class(point, ["G01", "G02"], None, "1+2复式", kind="multigrade")
            for grade in ("G01", "G02", "G02"):
                add_pupil(group, grade=grade)
        registry.ensure_school_year(TO)
        registry.recount()
        before, trail = everything(), Change.objects.count()
        run("preview")
        if regroup:
            set_rules(actor=SYSTEM, plan_id=plan_of(schools[0]).id, regroup=True)
        run("apply", include_missing=True)
        after = everything()
        assert set(SchoolPlan.objects.exclude(state="empty").values_list("state", flat=True)) <= {"applied"}
        _adds_up()
        run("undo")
        assert everything() == before
        run("preview")
        run("apply", include_missing=True)
        assert _without_ids(everything()) == _without_ids(after)
        assert Change.objects.count() >= trail
        transaction.set_rollback(True)


def _build(kind: tuple[str, str], classes: list[tuple[str, int, list[str]]]) -> Any:
    school = make_school(school_type=kind[0], schooling=kind[1], class_display="grade_serial")
    for grade, serial, pupils in classes:
        group = add_class(school, [grade], serial)
        teach(group)
        for what in pupils:
            more = {"away": {"state": "02"}, "absent": {"attendance": "absent"}, "dead": {"deceased_on": BEGAN}}.get(
                what, {}
            )
            pupil = add_pupil(group, grade={"odd": "G08"}.get(what, ""), **more)
            if what == "moved":
                ClassMembership.objects.filter(person=pupil).update(valid_to=AUGUST)
    return school


def _adds_up() -> None:
    """Who was there is there, has graduated, or stayed; nobody sits twice."""
    for plan in SchoolPlan.objects.filter(state="applied"):
        figures = plan.figures
        left = Enrolment.objects.filter(school=plan.school_id, valid_to=TURN, person__deceased_on=None).count()
        assert left == sum(figures[move] for move in ("up", "stage", "central", "graduate"))
    doubled = list(Enrolment.objects.filter(valid_to=None).values_list("person_id", flat=True))
    assert len(doubled) == len(set(doubled))


def _without_ids(found: dict[str, list[Any]]) -> dict[str, list[Any]]:
    drop = {"id", "class_group_id"}
    return {
        t: sorted(({k: v for k, v in r.items() if k not in drop} for r in rows), key=str) for t, rows in found.items()
    }
