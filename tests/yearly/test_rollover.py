"""学年升级: what moves, what stays, that undoing gives back exactly what was there."""

from __future__ import annotations

from datetime import date

import pytest

from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry.models import (
    ClassGroup,
    ClassMembership,
    Enrolment,
    RegisterEntry,
)
from lingqu.foundation.registry.testing import make_school
from lingqu.foundation.yearly.models import PlannedClass, PupilDecision
from lingqu.foundation.yearly.services.deciding import decide_pupil, set_rules, withdraw_decision
from lingqu.kernel.errors import Conflict, Invalid
from tests.yearly.worlds import (
    AUGUST,
    SYSTEM,
    TO,
    TURN,
    add_class,
    add_pupil,
    everything,
    five_four_nine_year,
    new_pupil,
    open_grade,
    plan_of,
    point_of,
    run,
    seat,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_august")]


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
