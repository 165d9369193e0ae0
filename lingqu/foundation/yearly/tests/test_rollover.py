"""学年升级: what moves, what stays, that undoing gives back exactly what was there."""

from __future__ import annotations

from datetime import date
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
    RegisterEntry,
    TeachingAssignment,
)
from lingqu.foundation.registry.testing import make_root, make_school
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.models import AuditEntry, Change, OutboxEvent
from lingqu.kernel.testing import actor_with

from ..models import PlannedClass, PupilDecision, SchoolPlan
from ..services.deciding import decide_pupil, set_rules, withdraw_decision
from ..services.running import perform, start_run
from ..services.years import ensure_rollover, lock_rollover
from .worlds import (
    BEGAN,
    FROM,
    TO,
    TURN,
    add_class,
    add_pupil,
    everything,
    five_four_nine_year,
    new_pupil,
    point_of,
    teach,
)

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
AUGUST = date(2027, 8, 20)


@pytest.fixture(autouse=True)
def in_august(monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import UTC, datetime

    from lingqu.kernel import clock

    registry.ensure_school_year(FROM)
    monkeypatch.setattr(clock, "now", lambda: datetime(2027, 8, 20, 2, 0, tzinfo=UTC))


def run(kind: str, path: str = "", **options: Any) -> dict[str, Any]:
    place = path or str(make_root().path)
    made = start_run(actor=SYSTEM, kind=kind, to_year=TO, path=place, options=options, queued=False)
    return dict(perform(made.id).result)


def plan_of(school: Any) -> SchoolPlan:
    return SchoolPlan.objects.get(school_id=school.id)


def seat(person: Any) -> str:
    row = ClassMembership.objects.filter(person=person, valid_to=None).select_related("class_group").first()
    return row.class_group.name if row else ""


def open_grade(person: Any) -> tuple[str, str]:
    row = Enrolment.objects.filter(person=person, valid_to=None).select_related("school").first()
    return (row.school.name, row.grade) if row else ("", "")


def test_classes_of_a_five_four_school_go_up_inside_and_the_ninth_graduates() -> None:
    school = five_four_nine_year()
    new_pupil(school, "G01")
    run("preview")
    plan = plan_of(school)
    assert (plan.state, plan.up, plan.stage, plan.graduate, plan.new, plan.stay) == ("ready", 21, 3, 3, 1, 0)
    assert not ClassGroup.objects.filter(school_year_id=TO).exists()
    pupil, ninth = Enrolment.objects.get(person__name="甲5").person, Enrolment.objects.get(person__name="甲9").person
    assert run("apply") == {"applied": 1}
    assert (open_grade(pupil), seat(pupil)) == ((school.name, "G06"), "六（1）班")
    assert open_grade(ninth) == ("", "")
    sixth = ClassGroup.objects.get(school_year_id=TO, grades=["G06"])
    assert (sixth.serial, sixth.entry_year, sixth.size) == (1, 2027, 3)
    assert ClassGroup.objects.get(school_year_id=TO, grades=["G03"]).entry_year == 2025
    assert RegisterEntry.objects.filter(person=ninth, valid_to=None).exists()  # 学籍 is the nation's


def test_last_june_reads_as_it_was() -> None:
    school = five_four_nine_year()
    before = list(ClassMembership.objects.order_by("id").values_list("class_group__name", "person__name"))
    run("preview")
    run("apply", include_missing=True)
    june = date(2027, 6, 20)
    rows = ClassMembership.objects.filter(valid_from__lte=june).exclude(valid_to__lte=june).order_by("id")
    assert list(rows.values_list("class_group__name", "person__name")) == before
    grades = Enrolment.objects.filter(school=school, valid_from__lte=june).exclude(valid_to__lte=june)
    assert sorted(grades.values_list("grade", flat=True)) == sorted(f"G{n:02d}" for n in range(1, 10) for _ in range(3))


@pytest.mark.parametrize(
    ("school_type", "schooling", "grade", "move", "after"),
    [
        ("211", "six_three", "G06", "graduate", ""), ("211", "six_three", "G05", "up", "六（1）班"),
        ("211", "five_four", "G05", "graduate", ""), ("311", "five_four", "G06", "up", "七（1）班"),
        ("311", "six_three", "G09", "graduate", ""), ("312", "six_three", "G06", "stage", "七（1）班"),
        ("341", "six_three", "G09", "graduate", ""), ("345", "six_three", "G09", "graduate", ""),
        ("342", "six_three", "G11", "up", "高三（1）班"), ("342", "six_three", "G12", "graduate", ""),
        ("111", "six_three", "K2", "up", "大（1）班"), ("111", "six_three", "K3", "graduate", ""),
        ("", "six_three", "G07", "up", "八（1）班"),
    ],
)  # fmt: skip
def test_what_happens_to_a_grade_follows_from_type_and_schooling(
    school_type: str, schooling: str, grade: str, move: str, after: str
) -> None:
    school = make_school(school_type=school_type, schooling=schooling, class_display="grade_serial")
    pupil = add_pupil(add_class(school, [grade], 1))
    run("preview")
    assert getattr(plan_of(school), move) == 1
    assert PlannedClass.objects.get().target_name == after
    run("apply", include_missing=True)
    assert seat(pupil) == after


def test_a_multigrade_class_of_a_point_stays_and_its_oldest_go_to_the_central_school() -> None:
    central = make_school(name="石泉镇中心小学", school_type="211")
    add_class(central, ["G03"], 1)
    point = point_of(central)
    group = add_class(point, ["G01", "G02"], None, "1+2复式", kind="multigrade")
    young, old = add_pupil(group, "小的", "G01"), add_pupil(group, "大的", "G02")
    run("preview")
    assert (plan_of(point).up, plan_of(point).central) == (1, 1)
    run("apply", include_missing=True)
    assert (open_grade(young), seat(young)) == ((point.name, "G02"), "1+2复式")
    assert (open_grade(old), seat(old)) == ((central.name, "G03"), "")
    assert ClassGroup.objects.get(school=point, school_year_id=TO).grades == ["G01", "G02"]


def test_pupils_from_a_point_do_not_change_what_the_central_school_was_shown() -> None:
    central = make_school(name="中心小学", school_type="211")
    add_pupil(add_class(central, ["G03"], 1))
    point = point_of(central)
    add_pupil(add_class(point, ["G01", "G02"], None, "1+2复式", kind="multigrade"), grade="G02")
    run("preview")
    assert run("apply", str(point.path), include_missing=True) == {"applied": 1}
    assert run("apply", include_missing=True) == {"applied": 1}
    assert run("undo") == {"undone": 2}


def test_a_point_without_a_central_school_waits_for_a_person() -> None:
    point = point_of(None)
    add_pupil(add_class(point, ["G01", "G02"], None, "1+2复式", kind="multigrade"), grade="G02")
    run("preview")
    plan = plan_of(point)
    assert (plan.state, plan.undecided) == ("pending", 1)
    assert run("apply", include_missing=True) == {}
    assert set_rules(actor=SYSTEM, plan_id=plan.id, top="G04").up == 1


def test_the_suspended_stay_in_their_grade_without_a_class() -> None:
    school = make_school(class_display="grade_serial")
    group = add_class(school, ["G07"], 1)
    away, noted = add_pupil(group, "休学甲", state="02"), add_pupil(group, "休学乙", attendance="absent")
    run("preview")
    assert (plan_of(school).stay, set(PupilDecision.objects.values_list("kind", flat=True))) == (2, {"suspended"})
    run("apply", include_missing=True)
    for pupil in (away, noted):
        assert (open_grade(pupil), seat(pupil)) == ((school.name, "G07"), "")


def test_a_person_chooses_the_grade_of_one_who_returns() -> None:
    school = make_school(class_display="grade_serial")
    seventh, sixth = add_class(school, ["G07"], 1), add_class(school, ["G08"], 1)
    away = add_pupil(sixth, "复学", attendance="absent")
    run("preview")
    plan = plan_of(school)
    decide_pupil(
        actor=SYSTEM, plan_id=plan.id, person_id=away.id, grade="G08", class_id=seventh.id, reason="家长选原年级"
    )
    run("apply", include_missing=True)
    assert (open_grade(away), seat(away)) == ((school.name, "G08"), "八（1）班")
    assert Enrolment.objects.get(person=away, valid_to=None).attendance == "registered"


def test_a_school_waits_until_somebody_chose_for_those_whose_leave_ends() -> None:
    school = make_school(class_display="grade_serial")
    away = add_pupil(add_class(school, ["G07"], 1), "到期", attendance="absent")
    Enrolment.objects.filter(person=away).update(expected_on=TURN)
    run("preview")
    plan = plan_of(school)
    assert (plan.state, PupilDecision.objects.get().kind) == ("pending", "returning")
    decide_pupil(actor=SYSTEM, plan_id=plan.id, person_id=away.id, grade="G08", reason="家长选随班升")
    assert plan_of(school).state == "missing"


def test_nobody_is_kept_back_in_compulsory_education() -> None:
    school = make_school()
    pupil = add_pupil(add_class(school, ["G07"], 1))
    run("preview")
    before = everything()
    with pytest.raises(Invalid, match="义务教育阶段不得留级") as refusal:
        decide_pupil(actor=SYSTEM, plan_id=plan_of(school).id, person_id=pupil.id, grade="G07", reason="成绩不好")
    assert refusal.value.code == "repeat_refused"
    assert not PupilDecision.objects.filter(person=pupil).exists()
    assert everything() == before


def test_senior_school_may_keep_back_and_compulsory_may_skip() -> None:
    senior = make_school(school_type="342", class_display="grade_serial")
    tenth = add_class(senior, ["G10"], 1)
    repeats = add_pupil(tenth, "留级")
    junior = make_school(class_display="grade_serial")
    seventh, eighth = add_class(junior, ["G07"], 1), add_class(junior, ["G08"], 2)
    skips = add_pupil(seventh, "跳级")
    run("preview")
    decide_pupil(actor=SYSTEM, plan_id=plan_of(senior).id, person_id=repeats.id, grade="G10", reason="本人申请")
    decide_pupil(
        actor=SYSTEM,
        plan_id=plan_of(junior).id,
        person_id=skips.id,
        grade="G09",
        class_id=eighth.id,
        reason="学校评估通过",
    )
    run("apply", include_missing=True)
    assert (open_grade(repeats), seat(repeats)) == ((senior.name, "G10"), "")
    assert (open_grade(skips), seat(skips)) == ((junior.name, "G09"), "九（2）班")
    with pytest.raises(Conflict):
        withdraw_decision(actor=SYSTEM, plan_id=plan_of(junior).id, person_id=skips.id)


def test_a_file_that_keeps_somebody_back_is_not_followed() -> None:
    school = make_school(class_display="grade_serial")
    group = add_class(school, ["G07"], 1)
    pupil, mate = add_pupil(group, "留级生"), add_pupil(group, "同学")
    again = add_class(school, ["G07"], 1, "七（1）班", year=_next_year())
    ClassMembership.objects.filter(person=pupil).update(valid_to=AUGUST)
    ClassMembership.objects.create(class_group=again, person=pupil, valid_from=AUGUST)
    run("preview")
    assert PupilDecision.objects.get().kind == "repeat_refused"
    registry.recount()
    before = everything()
    run("apply", include_missing=True)
    assert (open_grade(pupil), seat(pupil)) == ((school.name, "G08"), seat(mate))
    run("undo")
    assert everything() == before


def _next_year() -> str:
    return registry.ensure_school_year(TO).code


def test_pupils_of_the_autumn_file_are_counted_and_not_moved() -> None:
    school = make_school(class_display="grade_serial")
    add_pupil(add_class(school, ["G07"], 1))
    seated = add_class(school, ["G07"], 1, "七（1）班", year=_next_year())
    fresh = new_pupil(school, "G07")
    placed = add_pupil(seated, "已分班")
    run("preview")
    plan = plan_of(school)
    assert (plan.state, plan.new, plan.entering, plan.missing) == ("ready", 2, {"G07": 2}, [])
    run("apply")
    assert (open_grade(fresh), seat(fresh), seat(placed)) == ((school.name, "G07"), "", "七（1）班")


def test_a_class_that_the_new_file_brought_is_used_not_doubled() -> None:
    school = make_school(class_display="grade_serial")
    pupil = add_pupil(add_class(school, ["G07"], 3, "七(3)班"))
    brought = add_class(school, ["G08"], 3, "八3", year=_next_year())
    run("preview")
    run("apply", include_missing=True)
    assert ClassMembership.objects.get(person=pupil, valid_to=None).class_group == brought


@pytest.mark.parametrize(
    ("rule", "written", "name"),
    [("as_written", "七(3)班", "八(3)班"), ("as_written", "703班", "803班"), ("as_written", "2026级3班", "2026级3班"),
     ("as_written", "初一3", "初二3"), ("dotted", "7.3", "8.3"), ("cohort_serial", "2026级3班", "2026级3班"),
     ("as_written", "启航班", "启航班")],
)  # fmt: skip
def test_classes_are_called_by_the_rule_of_the_school(rule: str, written: str, name: str) -> None:
    school = make_school(class_display=rule)
    serial = None if written == "启航班" else 3
    more = {"local_name": "启航班"} if serial is None else {}
    add_pupil(add_class(school, ["G07"], serial, written, entry_year=2026, **more))
    run("preview")
    run("apply", include_missing=True)
    made = ClassGroup.objects.get(school_year_id=TO)
    assert (made.name, made.written_name) == (name, name)


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
    from ..services import running

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
