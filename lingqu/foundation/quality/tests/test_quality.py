"""Quality: every rule finds what it should and leaves the rest, findings come and go, orders close themselves."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from hypothesis import given
from hypothesis import strategies as st

from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.inbox import testing as inbox
from lingqu.foundation.quality import types
from lingqu.foundation.quality.checks import CHECKS
from lingqu.foundation.quality.models import DayScore, Finding, QualityRule, WorkOrder
from lingqu.foundation.quality.selectors import findings
from lingqu.foundation.quality.selectors.findings import get_score, list_findings
from lingqu.foundation.quality.services import evaluating, handling, reminding, retention
from lingqu.foundation.quality.services.sealed import SEALED, problems_of
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing
from lingqu.foundation.upstream.api import NumberKind
from lingqu.foundation.upstream.testing import give_number
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.testing import actor_with, run_jobs

pytestmark = pytest.mark.django_db
GOOD_ID = "990000201301010019"
SYSTEM = Actor.system("tests")


@pytest.fixture(autouse=True)
def _prepared(db: None) -> None:
    registry.prepare()


class Site:
    """One school where nothing is wrong."""

    def __init__(self) -> None:
        self.county = testing.make_organisation(kind="region")
        self.school = testing.make_school(self.county)
        self.group = testing.make_class(self.school, size=1)
        self.head = testing.make_head(self.group)
        self.pupil = self.add("周禾", GOOD_ID)

    def add(self, name: str, number: str, **fields: Any) -> Any:
        given = {
            "birth_date": date(2013, 1, 1),
            "sex": "1",
            "phone": "",
            "guardian_phone": f"1200000{number[-5:-1]}",
            **fields,
        }
        phone = given.pop("guardian_phone")
        made = testing.make_pupil(given.pop("group", self.group), name, id_number=number, **given)
        testing.make_guardian(made, f"{name}家长", phone=phone)
        return made

    def found(self) -> set[tuple[str, UUID]]:
        evaluating.evaluate(actor=SYSTEM, path=str(self.county.path))
        return set(Finding.objects.filter(state="open").values_list("rule_id", "subject_id"))

    def actor(self, *codes: str) -> Actor:
        return actor_with(*(codes or (*types.ALL, *registry.rights.ALL)), path=str(self.county.path))


@pytest.fixture
def site(db: None) -> Site:
    return Site()


def last(number: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(a) * b for a, b in zip(number, weights, strict=True)) % 11]


def test_nothing_is_found_where_nothing_is_wrong(site: Site) -> None:
    assert GOOD_ID[-1] == last(GOOD_ID[:17])
    assert site.found() == set()
    assert float(DayScore.objects.get(school=site.school).score) == 100.0


def test_every_shipped_rule_has_a_function_and_every_function_a_rule() -> None:
    evaluating.prepare()
    assert set(QualityRule.objects.values_list("function", flat=True)) == set(CHECKS)
    assert {name for name, check in CHECKS.items() if not check.sql} == set(SEALED)


def number(day: str = "20130101", serial: str = "001") -> str:
    body = f"990000{day}{serial}"
    return body + last(body)


CASES: dict[str, Callable[[Site], Any]] = {
    "no_id": lambda site: site.add("无证", "", guardian_phone="12000007777"),
    "bad_id": lambda site: site.add("校验", "990000201301010999"),
    "birth_not_id": lambda site: site.add("生日", number("20130202", "003")),
    "sex_not_id": lambda site: site.add("性别", number(serial="004")),
    "no_birth": lambda site: site.add("无生日", number(serial="005"), birth_date=None),
    "sex_unknown": lambda site: site.add("未说明", number(serial="007"), sex="0"),
    "ethnicity_unknown": lambda site: site.add("民族", number(serial="009"), ethnicity="zz"),
    "age_off_grade": lambda site: site.add("年龄", number("20050101", "011"), birth_date=date(2005, 1, 1)),
    "pupil_without_class": lambda site: _unseated(site),
    "no_guardian": lambda site: testing.make_pupil(
        site.group, "无监护", id_number=number(serial="013"), birth_date=date(2013, 1, 1), sex="1"
    ),
    "no_guardian_phone": lambda site: site.add("无电话", number(serial="015"), guardian_phone=""),
    "phone_of_staff": lambda site: _phone_of_staff(site),
    "teacher_without_lessons": lambda site: _teacher(site),
    "no_teacher_number": lambda site: _unnumbered(site),
    "class_without_head": lambda site: testing.make_class(site.school, serial=7, name="七班", size=0) and _lonely(site),
    "class_over_norm": lambda site: _over(site),
    "class_empty": lambda site: _empty(site),
    "schooling_off": lambda site: _schooling(site),
}


def _unseated(site: Site) -> Any:
    made = site.add("未编班", number(serial="017"))
    made.class_memberships.all().delete()
    return made


def _phone_of_staff(site: Site) -> Any:
    testing.make_teacher(site.school, "代填", phone="12000009999")
    return site.add("代填电话", number(serial="019"), guardian_phone="12000009999")


def _teacher(site: Site) -> Any:
    made = testing.make_teacher(site.school, "陆老师")
    made.appointments.update(subject="102")
    return made


def _unnumbered(site: Site) -> Any:
    """Two of three full-time teachers have the number: one on a record that was merged into the own."""
    made = [testing.make_teacher(site.school, name) for name in ("有号", "并号", "缺号")]
    for one in made:
        one.appointments.update(full_time=True)
    double = testing.make_pupil(site.group, "并号旧档", canonical=made[1], id_number=number(serial="051"))
    double.enrolments.all().delete()
    double.class_memberships.all().delete()
    for person, value in ((made[0], "20250001"), (double, "20250002")):
        give_number(person.id, NumberKind.TEACHER, value)
    return made[2]


def _lonely(site: Site) -> Any:
    group = site.school.class_groups.get(serial=7)
    testing.make_head(group).duties.update(valid_to=today())
    site.add("孤班", number(serial="021"), group=group)
    site.school.class_groups.filter(id=group.id).update(size=1)
    return group


def _over(site: Site) -> Any:
    site.school.class_groups.filter(id=site.group.id).update(size=57)
    return site.group


def _empty(site: Site) -> Any:
    return testing.make_class(site.school, serial=8, name="空班")


def _schooling(site: Site) -> Any:
    type(site.school).objects.filter(id=site.school.id).update(schooling="")
    site.school.class_groups.update(grades=["G07"])
    testing.Enrolment.objects.update(grade="G08")
    return site.school


@pytest.mark.parametrize("rule", sorted(CASES))
def test_a_rule_finds_its_case_and_nothing_else(rule: str, site: Site) -> None:
    subject = CASES[rule](site)
    assert site.found() == {(rule, subject.id)}


def test_a_phone_on_five_pupils_is_found_and_a_family_of_four_is_not(site: Site) -> None:
    for serial in range(31, 39, 2):
        site.add(f"兄妹{serial}", number(serial=f"0{serial}"), guardian_phone="12000001111")
    assert site.found() == set()
    site.add("第五个", number(serial="041"), guardian_phone="12000001111")
    found = site.found()
    assert {rule for rule, _subject in found} == {"phone_shared"}
    assert len(found) == 5
    assert set(Finding.objects.values_list("detail", flat=True)) == {"5"}


def test_a_teacher_who_is_the_parent_may_have_one_phone(site: Site) -> None:
    teacher = testing.make_teacher(site.school, "家长教师", phone="12000003333")
    child = site.add("教师子女", number(serial="043"))
    testing.Guardianship.objects.create(child=child, guardian=teacher, relation="52", valid_from=testing.START)
    assert site.found() == set()


def test_two_people_with_one_number_are_found_and_a_merged_double_is_not(site: Site) -> None:
    double = site.add("同证", GOOD_ID)
    assert site.found() == {("double_id", site.pupil.id), ("double_id", double.id)}
    double.canonical = site.pupil
    double.save()
    assert site.found() == set()


def test_invented_people_are_exempt_where_numbers_are_invented(site: Site) -> None:
    site.add("演示", "000000000000000000", synthetic=True, guardian_phone="12000004444")
    assert site.found() == set()


def test_findings_open_go_and_open_anew(site: Site) -> None:
    pupil = _unseated(site)
    site.found()
    row = Finding.objects.get()
    assert (row.state, row.since, row.school_id) == ("open", today(), site.school.id)
    testing.ClassMembership.objects.create(class_group=site.group, person=pupil, valid_from=testing.START)
    assert site.found() == set()
    row.refresh_from_db()
    assert (row.state, row.gone_on) == ("gone", today())
    pupil.class_memberships.all().delete()
    assert site.found() == {("pupil_without_class", pupil.id)}
    assert Finding.objects.count() == 2


def test_evaluation_again_changes_nothing_and_keeps_to_its_place(site: Site) -> None:
    other = testing.make_school(site.county)
    testing.make_pupil(testing.make_class(other), "外校")
    before = site.found()
    ids = set(Finding.objects.values_list("id", flat=True))
    assert site.found() == before
    assert set(Finding.objects.values_list("id", flat=True)) == ids
    _unseated(site)
    evaluating.evaluate(actor=SYSTEM, path=str(other.path))
    assert not Finding.objects.filter(school=site.school).exists()


def test_a_waived_finding_leaves_the_score_and_comes_back(site: Site) -> None:
    _unseated(site)
    site.found()
    row, actor = Finding.objects.get(), site.actor()
    with pytest.raises(Invalid):
        handling.waive_finding(actor=actor, finding_id=row.id, reason=" ")
    handling.waive_finding(actor=actor, finding_id=row.id, reason="随队集训，学期末编班")
    assert site.found() == set()
    assert float(DayScore.objects.get(school=site.school).score) == 100.0
    handling.waive_finding(actor=actor, finding_id=row.id, reason="")
    assert len(site.found()) == 1
    Finding.objects.update(state="gone", gone_on=today())
    with pytest.raises(Conflict):
        handling.waive_finding(actor=actor, finding_id=row.id, reason="晚了")


def desks_of(*people: Any) -> list[tuple[int, int]]:
    """Open to-dos and new messages of each."""
    return [inbox.count_for(person)[1:] for person in people]


def test_an_order_closes_itself_when_nothing_of_it_is_left(site: Site) -> None:
    pupil, code = _unseated(site), str(site.school.code)
    site.found()
    clerk, giver = testing.make_teacher(site.school, "白芸"), testing.make_teacher(site.county, "何清")
    testing.make_post(site.school, "academic_office", a=clerk)
    actor = replace(site.actor(), account_id=accounts.account_for(giver).id)
    order = handling.give_order(actor=actor, code=code, deadline=today(), note="本周办完")
    assert (order.total, Finding.objects.get().work_order_id) == (1, order.id)
    assert desks_of(clerk, giver) == [(1, 0), (0, 0)]
    with pytest.raises(Invalid):
        handling.give_order(actor=site.actor(), code=code, deadline=today(), note="")
    site.found()
    assert WorkOrder.objects.get().state == "open"
    testing.ClassMembership.objects.create(class_group=site.group, person=pupil, valid_from=testing.START)
    site.found()
    assert WorkOrder.objects.get().state == "closed"
    assert desks_of(clerk, giver) == [(0, 0), (0, 1)]
    with pytest.raises(Invalid):
        handling.give_order(actor=site.actor(), code=code, deadline=today() - timedelta(days=1), note="")


def test_the_score_is_the_formula_of_the_readme(site: Site) -> None:
    counts = type(site.school.counts).objects
    counts.filter(organisation=site.school).update(students=90, staff=8, classes=2)
    _unseated(site)
    site.add("无监护人电话", number(serial="045"), guardian_phone="")
    site.found()
    told = get_score(str(site.county.path))
    assert (told.blocks, told.reviews, told.hints, told.checked, told.score) == (1, 0, 1, 100, 98.9)


def test_rules_change_for_the_whole_node_only_from_its_top(site: Site) -> None:
    evaluating.prepare()
    top = actor_with(*types.ALL, path=str(testing.make_root().path))
    handling.edit_rule(actor=top, code="phone_shared", severity="block", is_active=True, parameter=3)
    evaluating.prepare()
    rule = QualityRule.objects.get(code="phone_shared")
    assert (rule.severity, rule.parameter) == ("block", 3)
    for wrong in ({"severity": "fatal"}, {"parameter": 0}, {"parameter": None}):
        with pytest.raises(Invalid):
            handling.edit_rule(
                actor=top, **{"code": "phone_shared", "severity": "block", "is_active": True, "parameter": 3, **wrong}
            )  # type: ignore[arg-type]
    _unseated(site)
    site.found()
    handling.edit_rule(actor=top, code="pupil_without_class", severity="hint", is_active=False, parameter=None)
    assert site.found() == set()


def reminded(actor: Actor, code: str) -> None:
    """Who may remind gets past the permission even when nobody is late."""
    with suppress(Conflict):
        reminding.order_reminders(actor=actor, code=code)


WHO: dict[str, Callable[[Site], Actor]] = {
    "county": lambda site: site.actor(),
    "school": lambda site: actor_with(*types.ALL, path=str(site.school.path)),
    "reader": lambda site: site.actor(types.QUALITY_VIEW),
    "handler": lambda site: site.actor(types.QUALITY_VIEW, types.QUALITY_HANDLE),
    "elsewhere": lambda site: actor_with(*types.ALL, path=str(testing.make_organisation(kind="region").path)),
    "nobody": lambda site: site.actor(registry.rights.PERSON_VIEW),
    "top": lambda _site: actor_with(*types.ALL, path=str(testing.make_root().path)),
}
MAY = {
    "county": {"view", "waive", "order", "evaluate", "remind"}, "school": {"view", "waive", "evaluate"}, "reader": {"view"},
    "handler": {"view", "waive", "evaluate"}, "elsewhere": set(), "nobody": set(),
    "top": {"view", "waive", "order", "evaluate", "rule", "remind"},
}  # fmt: skip


@pytest.mark.parametrize("who", sorted(WHO))
def test_who_may_do_what(who: str, site: Site) -> None:
    _unseated(site)
    site.found()
    row, code, actor, done = Finding.objects.get(), str(site.school.code), WHO[who](site), set()
    tries: dict[str, Callable[[], object]] = {
        "view": lambda: visit(actor, f"/quality/at/{code}"),
        "order": lambda: handling.give_order(actor=actor, code=code, deadline=today(), note=""),
        "waive": lambda: handling.waive_finding(actor=actor, finding_id=row.id, reason="已核实"),
        "evaluate": lambda: evaluating.order_evaluation(actor=actor, code=code),
        "remind": lambda: reminded(actor, str(site.county.code)),
        "rule": lambda: handling.edit_rule(actor=actor, code="no_id", severity="hint", is_active=True, parameter=None),
    }
    for name, action in tries.items():
        try:
            action()
        except Forbidden:
            continue
        done.add(name)
    assert done == MAY[who]
    assert run_jobs("quality.evaluate") == (["quality.evaluate"] if "evaluate" in done else [])


def test_names_are_for_those_who_may_see_people(site: Site) -> None:
    _unseated(site)
    site.found()
    [seen] = list_findings(site.actor(), site.school).items
    [figures] = list_findings(site.actor(types.QUALITY_VIEW), site.school).items
    assert (seen.name, figures.name, figures.url) == ("未编班", "", "")


def test_the_gravest_come_first_over_all_pages(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for case in ("no_guardian_phone", "no_id", "bad_id", "pupil_without_class"):
        CASES[case](site)
    site.found()
    monkeypatch.setattr(findings, "ROWS", 2)
    page = list_findings(site.actor(), site.school)
    seen = list(page.items)
    while page.next:
        page = list_findings(site.actor(), site.school, cursor=page.next)
        seen += page.items
    ranks = [types.Severity.labels.index(one.severity_label) for one in seen]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == 3
    assert len({one.id for one in seen}) == Finding.objects.filter(school=site.school, state="open").count()


def visit(actor: Actor, url: str, data: dict[str, str] | None = None) -> HttpResponse:
    request = RequestFactory().get(url) if data is None else RequestFactory().post(url, data)
    request.actor, request.session, request.request_id = actor, SessionStore(), "test"  # type: ignore[attr-defined]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    found = resolve(request.path)
    return found.func(request, *found.args, **found.kwargs)


def test_pages_are_bounded(site: Site) -> None:
    for case in ("no_id", "class_empty", "schooling_off", "teacher_without_lessons"):
        CASES[case](site)
    site.found()
    handling.give_order(actor=site.actor(), code=str(site.school.code), deadline=today(), note="")
    actor = site.actor()
    for url in (
        f"/quality/at/{site.school.code}", f"/quality/at/{site.county.code}", f"/quality/at/{site.county.code}?part=rules",
        f"/quality/at/{site.county.code}?part=orders", "/quality/rules", f"/quality/at/{site.school.code}/order",
        f"/quality/findings/{Finding.objects.first().id}/waive",  # type: ignore[union-attr]
    ):  # fmt: skip
        visit(actor, url)
        with CaptureQueriesContext(connection) as queries:
            assert visit(actor, url).status_code == 200
        assert len(queries) <= 12, f"{url}\n" + "\n".join(query["sql"][:120] for query in queries)


def test_old_rows_go(site: Site) -> None:
    _unseated(site)
    site.found()
    long_ago = today() - timedelta(days=retention.DAYS + 1)
    Finding.objects.update(state="gone", gone_on=long_ago)
    DayScore.objects.update(day=long_ago)
    retention.purge()
    assert not Finding.objects.exists()
    assert not DayScore.objects.exists()


@given(
    st.dates(date(2000, 1, 1), date(2020, 12, 31)), st.integers(0, 999),
    st.integers(0, 16), st.integers(1, 9),
)  # fmt: skip
def test_one_wrong_digit_never_passes(birth: date, serial: int, at: int, shift: int) -> None:
    body = f"990000{birth:%Y%m%d}{serial:03d}"
    whole = body + last(body)
    sex = "1" if serial % 2 else "2"
    assert problems_of(whole, birth, sex) == ()
    wrong = whole[:at] + str((int(whole[at]) + shift) % 10) + whole[at + 1 :]
    assert problems_of(wrong, birth, sex) == ("bad_id",)
    assert "birth_not_id" in problems_of(whole, birth + timedelta(days=1), sex)
    assert "sex_not_id" in problems_of(whole, birth, "2" if sex == "1" else "1")
