"""From draft to receipt: posts, families per child, people; what is refused; what silence means."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lingqu.foundation.inbox import testing as making
from lingqu.foundation.inbox.models import Notice, NoticeTarget, Receipt, Step, Sum
from lingqu.foundation.inbox.policies import Reach
from lingqu.foundation.inbox.selectors import board as boards
from lingqu.foundation.inbox.selectors import reading
from lingqu.foundation.inbox.selectors.unsigned import Unsigned, unsigned_at
from lingqu.foundation.inbox.services import drafting, filing, publishing, receiving, recording, summing, todos
from lingqu.foundation.inbox.types import rights
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor, Right
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.models import AuditEntry
from lingqu.kernel.testing import run_jobs

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
WHOLE = Reach(whole=True)


@pytest.fixture(autouse=True)
def _reference_data(db: None) -> None:
    registry.prepare()


def reader(person: Any) -> Actor:
    return Actor(kind="account", name=person.name, account_id=person.id, person_id=person.id)


def counts(person: Any) -> tuple[int, int]:
    found = reading.count(reading.list_hits(reading.get_reader(reader(person))))
    return found.unread, found.waiting


def owner_of(person: Any, notice: Notice, kind: str) -> UUID:
    return next(hit.owner for hit in reading.open_notice(reader(person), notice.id).hits if hit.kind == kind)


def states(notice: Notice, kind: str = "child") -> dict[str, int]:
    found = boards.get_board(notice, WHOLE, boards.Wanted(kind=kind)).states
    return {name: count for name, count in found.items() if count}


class City:
    """A county with two schools, each with its office; a sender in the county."""

    def __init__(self) -> None:
        self.county = people.make_organisation(kind="region")
        self.clerk = people.make_teacher(self.county, "何清")
        self.desk = people.make_post(self.county, "basic_education", a=self.clerk)
        self.schools = [people.make_school(self.county, school_type=kind) for kind in ("211", "311")]
        self.staff = [people.make_teacher(school, f"办{at}") for at, school in enumerate(self.schools)]
        self.posts = [
            people.make_post(school, "school_office", a=person)
            for school, person in zip(self.schools, self.staff, strict=True)
        ]


def test_a_notice_to_posts_is_a_handful_of_rows_and_reaches_each_school() -> None:
    city = City()
    notice = making.make_notice(city.desk, [making.to_posts(city.county)])
    assert notice.number == f"TZ-{clock.today().year}-0001"
    assert (NoticeTarget.objects.count(), Receipt.objects.count(), notice.reach) == (1, 0, {"post": 2})
    assert [counts(one) for one in city.staff] == [(1, 1), (1, 1)]
    assert counts(city.clerk) == (0, 0)
    assert states(notice, "post") == {"unread": 2}
    receiving.mark_read(reading.open_notice(reader(city.staff[0]), notice.id))
    assert (counts(city.staff[0]), states(notice, "post")) == ((0, 1), {"read": 1, "unread": 1})
    receiving.confirm(actor=reader(city.staff[0]), notice_id=notice.id, owner=city.posts[0].id, note="已布置")
    assert (counts(city.staff[0]), states(notice, "post")) == ((0, 0), {"online": 1, "unread": 1})
    with pytest.raises(Conflict):
        receiving.confirm(actor=reader(city.staff[0]), notice_id=notice.id, owner=city.posts[0].id)
    assert AuditEntry.objects.filter(action="inbox.notice.confirmed").count() == 1


def test_only_schools_of_the_chosen_type() -> None:
    city = City()
    notice = making.make_notice(city.desk, [making.to_posts(city.county, school_type="31")])
    assert [counts(one) for one in city.staff] == [(0, 0), (1, 1)]
    assert notice.reach == {"post": 1}


def test_notices_stay_with_the_post_when_the_person_changes() -> None:
    city = City()
    notice = making.make_notice(city.desk, [making.to_posts(city.county)])
    todos.put_todo(module="m", key="1", address=f"post:{city.posts[0].id}", title="办", url="/x")
    assert making.count_for(city.staff[0]) == (1, 1, 0)
    fresh = people.make_teacher(city.schools[0], "新")
    registry.hand_over(actor=SYSTEM, post_id=city.posts[0].id, place="a", person_id=fresh.id, on=clock.today())
    assert (counts(city.staff[0]), counts(fresh)) == ((0, 0), (1, 1))
    assert (making.count_for(city.staff[0]), making.count_for(fresh)) == ((0, 0, 0), (1, 1, 0))
    with pytest.raises(Forbidden):
        reading.open_notice(reader(city.staff[0]), notice.id)


def test_either_holder_of_a_post_signs_and_the_other_sees_it() -> None:
    city = City()
    second = people.make_teacher(city.schools[0], "乙")
    registry.hand_over(actor=SYSTEM, post_id=city.posts[0].id, place="b", person_id=second.id, on=clock.today())
    notice = making.make_notice(city.desk, [making.to_posts(city.county)])
    receiving.confirm(actor=reader(second), notice_id=notice.id, owner=city.posts[0].id)
    assert [counts(one) for one in (city.staff[0], second)] == [(0, 0), (0, 0)]
    with pytest.raises(Conflict, match="乙已经确认过了"):
        receiving.confirm(actor=reader(city.staff[0]), notice_id=notice.id, owner=city.posts[0].id)


def test_who_read_a_withdrawn_notice_sees_that_and_nothing_else_of_it() -> None:
    city = City()
    notice = making.make_notice(city.desk, [making.to_posts(city.county)])
    receiving.mark_read(reading.open_notice(reader(city.staff[0]), notice.id))
    publishing.withdraw(actor=SYSTEM, notice_id=notice.id, reason="误发")
    assert [counts(one) for one in city.staff] == [(0, 0), (0, 0)]
    assert not reading.open_notice(reader(city.staff[0]), notice.id).hits[0].is_valid
    for act in (
        lambda: receiving.confirm(actor=reader(city.staff[0]), notice_id=notice.id, owner=city.posts[0].id),
        lambda: recording.record_receipt(
            actor=SYSTEM, notice_id=notice.id, kind="post", subject=city.posts[0].id, way="paper"
        ),
    ):
        with pytest.raises(Conflict):
            act()
    with pytest.raises(Forbidden):
        reading.open_notice(reader(city.staff[1]), notice.id)


def test_sums_over_tens_of_thousands_are_the_sums_of_the_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The way for wide boards counts as the usual one does: the dead, merged children, those nobody can be reached for."""
    city = City()
    for n, school in enumerate(city.schools):
        group = people.make_class(school)
        for at in range(4):
            child = people.make_pupil(group, f"孩{n}{at}")
            if at:
                people.make_guardian(child)
            if at == 3:
                type(child).objects.filter(id=child.id).update(canonical=people.make_person(school, f"孩{n}{at}"))
    notice = making.make_notice(city.desk, [making.to_families(city.county), making.to_staff(city.county)])
    recording.record_receipt(
        actor=SYSTEM, notice_id=notice.id, kind="child", subject=child_of(notice, "孩01"), way="paper"
    )
    for kind in ("child", "person"):
        usual = boards.get_board(notice, WHOLE, boards.Wanted(kind=kind))
        with monkeypatch.context() as patched:
            patched.setattr(boards, "WIDE", 0)
            Sum.objects.all().delete()
            assert boards.get_board(notice, WHOLE, boards.Wanted(kind=kind)) == usual
            summing.freshen(notice, kind)
            kept = boards.get_board(notice, WHOLE, boards.Wanted(kind=kind))
            assert (kept.states, kept.groups) == (usual.states, usual.groups)
            _check_recount(notice, kind, patched)
    assert boards.get_board(notice, WHOLE, boards.Wanted(kind="child")).states["unreachable"] == 2


def _check_recount(notice: Notice, kind: str, patched: pytest.MonkeyPatch) -> None:
    """Kept sums are five minutes old at most: whoever looks later has them counted again, once."""
    Sum.objects.filter(notice=notice, kind=kind).update(counted=[])
    summing.freshen(notice, kind)
    assert boards.get_board(notice, WHOLE, boards.Wanted(kind=kind)).total == 0
    later = clock.now() + timedelta(minutes=6)
    patched.setattr(clock, "now", lambda: later)
    summing.freshen(notice, kind)
    summing.freshen(notice, kind)
    assert run_jobs("inbox.count_sums") == ["inbox.count_sums"]
    board = boards.get_board(notice, WHOLE, boards.Wanted(kind=kind))
    assert board.total == notice.reach[kind] and board.counted_at == later


def child_of(notice: Notice, name: str) -> UUID:
    rows = boards.list_missing(notice, WHOLE, boards.Wanted(kind="child"))
    return next(one.subject for one in rows if one.name == name)


def test_newcomers_find_older_notices_without_owing_them() -> None:
    """Joining the day after: nothing is unread or expected, the notice can still be read; a new line begins anew."""
    city = City()
    notice = making.make_notice(city.desk, [making.to_staff(city.schools[0]), making.to_posts(city.county)])
    fresh = people.make_teacher(city.schools[0], "新")
    tomorrow = clock.today() + timedelta(days=1)
    fresh.appointments.update(valid_from=tomorrow)
    type(city.posts[1]).objects.filter(id=city.posts[1].id).update(created_at=clock.now() + timedelta(days=1))
    assert (counts(fresh), counts(city.staff[1])) == ((0, 0), (0, 0))
    assert (states(notice, "person"), states(notice, "post")) == ({"unread": 1}, {"unread": 1})
    hits = reading.list_hits(reading.get_reader(reader(fresh)))
    assert reading.count(hits).former == 1
    assert [line.notice.id for line in reading.list_notices(hits, only="former")] == [notice.id]
    assert list(reading.list_notices(hits)) == []
    assert reading.open_notice(reader(fresh), notice.id).notice == notice
    later = making.make_notice(city.desk, [making.to_staff(city.county)])
    later.targets.update(published_at=clock.now() + timedelta(days=1))
    assert (counts(fresh), states(later, "person")) == ((1, 1), {"unread": 4})


def test_what_an_office_waits_for_over_all_its_notices() -> None:
    """By part of the area, the late first; a school counts once however many notices it owes."""
    city = City()
    soon = clock.now() + timedelta(hours=1)
    late = making.make_notice(city.desk, [making.to_posts(city.county, school_type="31")], "供暖", deadline=soon)
    Notice.objects.filter(id=late.id).update(deadline=clock.now() - timedelta(hours=1))
    both = making.make_notice(city.desk, [making.to_posts(city.county)], "安全")
    making.make_notice(city.desk, [making.to_posts(city.county)], "不用签", needs_confirmation=False)
    follower = Actor(kind="account", name="何清", rights=(Right(rights.FOLLOW, str(city.county.path)),))
    found = unsigned_at(follower, str(city.county.path))
    assert found is not None and (found.posts, found.overdue, found.all_parts) == (2, 1, 2)
    first = found.parts[0]
    assert (first.code, first.title, first.notices, first.overdue) == (city.schools[1].code, "供暖", 2, 1)
    assert (first.notice_id, first.calls[0].phone) == (late.id, "0530-5550123")
    receiving.confirm(actor=reader(city.staff[0]), notice_id=both.id, owner=city.posts[0].id)
    again = unsigned_at(follower, str(city.county.path))
    assert again is not None and (again.posts, again.all_parts) == (1, 1)
    assert unsigned_at(reader(city.clerk), str(city.county.path)) is None
    assert unsigned_at(follower, str(city.schools[0].path)) == Unsigned(posts=0, overdue=0, all_parts=0, parts=())


def test_sending_again_tells_first_how_many_are_new() -> None:
    city = City()
    notice = making.make_notice(city.desk, [making.to_posts(city.county, school_type="31")])
    more = [making.to_posts(city.county), making.to_staff(city.schools[0])]
    asked = {"actor": SYSTEM, "notice_id": notice.id, "addresses": more}
    assert publishing.preview_addresses(**asked) == {"post": 1, "person": 1}
    assert NoticeTarget.objects.count() == 1
    assert publishing.add_addresses(**asked) == 2
    with pytest.raises(Invalid):
        publishing.preview_addresses(**asked)
    assert (counts(city.staff[0]), states(notice, "post")) == ((1, 1), {"unread": 2})


def test_pupils_have_notices_of_their_own_from_the_fourth_grade() -> None:
    school = people.make_school()
    young, old = people.make_class(school, "G03"), people.make_class(school, "G08")
    small, tall = people.make_pupil(young, "小"), people.make_pupil(old, "大")
    mother = people.make_guardian(tall, phone="13800001111")
    desk = people.make_post(school)
    notice = making.make_notice(desk, [making.to_pupils(school)])
    assert notice.reach == {"person": 1}
    assert [counts(one) for one in (small, tall, mother)] == [(0, 0), (1, 1), (0, 0)]
    (missing,) = boards.list_missing(notice, WHOLE, boards.Wanted(kind="person"))
    assert (missing.name, missing.where, missing.calls[0].name) == ("大", old.name, mother.name)
    receiving.confirm(actor=reader(tall), notice_id=notice.id, owner=tall.id)
    board = boards.get_board(notice, WHOLE, boards.Wanted(kind="person"))
    assert (board.states["online"], [group.code for group in board.groups]) == (1, [str(old.id)])
    with pytest.raises(Invalid):
        making.make_draft(desk, [making.to_pupils_of(young)])
    with pytest.raises(Invalid):
        making.make_draft(desk, [making.to_pupils(school, "G02")])
    assert making.make_notice(desk, [making.to_pupils_of(old)]).reach == {"person": 1}


class Family:
    """A class of a school, with two children of one mother, the second one in another class."""

    def __init__(self) -> None:
        self.school = people.make_school()
        self.clerk = people.make_teacher(self.school, "吴静")
        self.desk = people.make_post(self.school, "moral_office", a=self.clerk)
        self.group = people.make_class(self.school)
        self.other = people.make_class(self.school, "G07", 2, name="七（2）班")
        self.child, self.sister = people.make_pupil(self.group, "周禾"), people.make_pupil(self.other, "周苗")
        self.mother, self.father = people.make_guardian(self.child, "王若琳"), people.make_guardian(self.child, "周川")
        self.sister.guardianships.create(guardian=self.mother, relation="52", valid_from=people.START)


def test_any_one_guardian_confirms_once_for_each_child() -> None:
    family = Family()
    notice = making.make_notice(family.desk, [making.to_families(family.school)])
    assert (notice.reach, states(notice)) == ({"child": 2}, {"unread": 2})
    assert [counts(one) for one in (family.mother, family.father, family.clerk)] == [(1, 1), (1, 1), (0, 0)]
    receiving.confirm(actor=reader(family.father), notice_id=notice.id, owner=family.child.id)
    assert states(notice) == {"online": 1, "unread": 1}
    assert [counts(one) for one in (family.mother, family.father)] == [(1, 1), (0, 0)]
    with pytest.raises(Conflict):
        receiving.confirm(actor=reader(family.mother), notice_id=notice.id, owner=family.child.id)
    receiving.confirm(actor=reader(family.mother), notice_id=notice.id, owner=family.sister.id)
    assert (states(notice), counts(family.mother)) == ({"online": 2}, (0, 0))
    with pytest.raises(Forbidden):
        receiving.confirm(actor=reader(family.father), notice_id=notice.id, owner=family.sister.id)


def test_class_and_grade_reach_their_children_only() -> None:
    family = Family()
    by_class = making.make_notice(family.desk, [making.to_class(family.group)])
    by_grade = making.make_notice(family.desk, [making.to_families(family.school, "G07")])
    assert (by_class.reach, by_grade.reach) == ({"child": 1}, {"child": 1})
    assert [counts(one) for one in (family.mother, family.father)] == [(2, 2), (1, 1)]


def test_the_dead_and_the_revoked_are_silent() -> None:
    family = Family()
    notice = making.make_notice(family.desk, [making.to_families(family.school)])
    family.child.guardianships.filter(guardian=family.father).update(valid_to=clock.today())
    assert counts(family.father) == (0, 0)
    type(family.sister).objects.filter(id=family.sister.id).update(deceased_on=clock.today())
    assert (states(notice), counts(family.mother)) == ({"unread": 1}, (1, 1))
    assert {one.name for one in boards.list_missing(notice, WHOLE, boards.Wanted(kind="child"))} == {"周禾"}
    calls = boards.list_missing(notice, WHOLE, boards.Wanted(kind="child"))[0].calls
    assert [call.name for call in calls] == ["王若琳"]
    family.child.guardianships.update(valid_to=clock.today())
    assert states(notice) == {"unreachable": 1}


def test_a_merged_child_is_one_child_and_its_receipt_counts() -> None:
    family = Family()
    notice = making.make_notice(family.desk, [making.to_class(family.group)])
    receiving.confirm(actor=reader(family.father), notice_id=notice.id, owner=family.child.id)
    double = people.make_person(family.school, "周禾")
    type(double).objects.filter(id=family.child.id).update(canonical=double)
    assert (states(notice), counts(family.father)) == ({"online": 1}, (0, 0))
    with pytest.raises(Conflict):
        receiving.confirm(actor=reader(family.mother), notice_id=notice.id, owner=double.id)


def test_calls_and_slips_are_recorded_with_who_and_when() -> None:
    family = Family()
    notice = making.make_notice(family.desk, [making.to_families(family.school)])
    kept = {"actor": SYSTEM, "notice_id": notice.id, "kind": "child"}
    with pytest.raises(Invalid):
        recording.record_receipt(**kept, subject=family.child.id, way="phone")
    recording.record_receipt(**kept, subject=family.child.id, way="phone", heard_by="外婆")
    recording.record_receipt(**kept, subject=family.sister.id, way="paper")
    assert states(notice) == {"phone": 1, "paper": 1}
    for subject in (family.child.id, family.mother.id):
        with pytest.raises((Conflict, Forbidden)):
            recording.record_receipt(**kept, subject=subject, way="paper")
    assert Receipt.objects.get(person=family.child).heard_by == "外婆"
    assert (counts(family.mother), counts(family.father)) == ((0, 0), (0, 0)), "noted is read and confirmed for both"
    given = boards.list_given(notice, WHOLE, boards.Wanted(kind="child"))
    assert {(one.name, one.receipt.way, one.receipt.heard_by) for one in given} == {
        ("周禾", "phone", "外婆"), ("周苗", "paper", ""),
    }  # fmt: skip


def test_corrections_say_which_is_valid_and_withdrawn_ones_are_gone() -> None:
    family = Family()
    first = making.make_notice(family.desk, [making.to_families(family.school)])
    receiving.mark_read(reading.open_notice(reader(family.father), first.id))
    draft = drafting.draft_correction(actor=SYSTEM, notice_id=first.id)
    assert drafting.draft_correction(actor=SYSTEM, notice_id=first.id) == draft
    assert counts(family.mother) == (1, 1)
    publishing.publish(actor=SYSTEM, notice_id=draft)
    assert counts(family.mother) == (1, 1)
    opened = reading.open_notice(reader(family.mother), first.id)
    assert opened.correction is not None and opened.correction.id == draft
    with pytest.raises(Conflict):
        receiving.confirm(actor=reader(family.mother), notice_id=first.id, owner=family.child.id)
    with pytest.raises(Conflict):
        drafting.draft_correction(actor=SYSTEM, notice_id=first.id)
    with pytest.raises(Invalid):
        publishing.withdraw(actor=SYSTEM, notice_id=draft, reason=" ")
    publishing.withdraw(actor=SYSTEM, notice_id=draft, reason="发错了")
    with pytest.raises(Forbidden):
        reading.open_notice(reader(family.mother), draft)
    assert counts(family.mother) == (1, 1), "the first one counts again"


def test_more_people_can_be_addressed_later() -> None:
    family = Family()
    notice = making.make_notice(family.desk, [making.to_class(family.other)])
    assert counts(family.father) == (0, 0)
    fresh = [making.to_class(family.group), making.to_class(family.other)]
    assert publishing.add_addresses(actor=SYSTEM, notice_id=notice.id, addresses=fresh) == 1
    notice.refresh_from_db()
    assert (counts(family.father), notice.reach) == ((1, 1), {"child": 2})
    with pytest.raises(Invalid):
        publishing.add_addresses(actor=SYSTEM, notice_id=notice.id, addresses=fresh)


def test_passing_on_inside_the_own_organisation() -> None:
    city = City()
    notice = making.make_notice(city.desk, [making.to_posts(city.county)])
    office, colleague = reader(city.staff[0]), people.make_teacher(city.schools[0], "丙")
    teaching = people.make_post(city.schools[0], "academic_office", a=colleague)
    kept = {"actor": office, "notice_id": notice.id, "post_id": city.posts[0].id}
    receiving.pass_on(**kept, kind="instruct", text="请教务处落实")
    receiving.pass_on(**kept, kind="hand", text="请办", to_post=teaching.id)
    receiving.pass_on(**kept, kind="circulate", to_person=colleague.id)
    assert counts(colleague) == (1, 1)
    assert {hit.kind for hit in reading.open_notice(reader(colleague), notice.id).hits} == {"post", "person"}
    assert [step.kind for step in reading.steps_of(reading.open_notice(reader(colleague), notice.id))] == [
        "instruct", "hand", "circulate",
    ]  # fmt: skip
    notice.refresh_from_db()
    assert states(notice, "post") == {"read": 1, "unread": 1}, "the sender counts his own addresses only"
    for bad in (
        {"kind": "hand", "to_post": city.posts[1].id}, {"kind": "circulate", "to_person": city.staff[1].id},
        {"kind": "instruct", "text": " "}, {"kind": "hand"}, {"kind": "eat", "to_post": teaching.id},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            receiving.pass_on(**kept, **bad)
    with pytest.raises(Forbidden):
        receiving.pass_on(
            actor=reader(city.staff[1]), notice_id=notice.id, post_id=city.posts[0].id, kind="instruct", text="x"
        )
    assert Step.objects.count() == 3


def test_refusals_before_publishing() -> None:
    city, family = City(), Family()
    late = clock.now() - timedelta(minutes=1)
    for bad in ({"title": " "}, {"text": ""}, {"title": "长" * 101}, {"text": "长" * 8001}):
        words = drafting.Words(**{"title": "题", "text": "文", **bad})
        with pytest.raises(Invalid):
            drafting.create_draft(actor=SYSTEM, words=words, addresses=(), post_id=city.desk.id)
    for address in (
        making.to_posts(family.school), making.to_class(family.group), making.to_person(family.clerk),
        making.to_families(registry.root_organisation()),
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            making.make_draft(city.desk, [address])
    with pytest.raises(Invalid):
        making.make_notice(city.desk, [])
    with pytest.raises(Invalid):
        making.make_notice(city.desk, [making.to_posts(city.county)], deadline=late)
    assert not NoticeTarget.objects.filter(published_at__isnull=False).exists()


def test_a_published_notice_is_never_changed() -> None:
    city = City()
    notice = making.make_notice(city.desk, [making.to_posts(city.county)])
    words = drafting.Words(title="改", text="改")
    for act in (
        lambda: drafting.change_draft(actor=SYSTEM, notice_id=notice.id, words=words, addresses=()),
        lambda: drafting.discard_draft(actor=SYSTEM, notice_id=notice.id),
        lambda: publishing.publish(actor=SYSTEM, notice_id=notice.id),
        lambda: filing.add_file(actor=SYSTEM, notice_id=notice.id, uploaded=pdf()),
    ):
        with pytest.raises(Conflict):
            act()


def pdf(name: str = "a.pdf", content: bytes = b"%PDF-1.7 x") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_an_inbox_costs_the_same_whatever_was_sent() -> None:
    family = Family()
    for _one in range(5):
        making.make_notice(family.desk, [making.to_families(family.school), making.to_class(family.group)])
    with CaptureQueriesContext(connection) as queries:
        hits = reading.list_hits(found := reading.get_reader(reader(family.mother)))
        page = reading.list_notices(hits)
        reading.list_todos(found)
    assert (len(page), len(queries)) == (5, 5), [query["sql"][:80] for query in queries]


def test_groups_of_a_county_lead_down_to_its_schools() -> None:
    city = City()
    group = people.make_class(city.schools[1])
    people.make_guardian(people.make_pupil(group))
    notice = making.make_notice(city.desk, [making.to_families(city.county)])
    (one,) = boards.get_board(notice, WHOLE, boards.Wanted(kind="child")).groups
    assert (one.name, one.code, one.confirmed, one.total) == (city.schools[1].name, city.schools[1].code, 0, 1)
    below = boards.Wanted(kind="child", part=str(city.schools[1].path))
    assert [(one.name, one.total) for one in boards.get_board(notice, WHOLE, below).groups] == [(group.name, 1)]
    narrow = Reach(paths=(str(city.schools[0].path),))
    assert boards.get_board(notice, narrow, boards.Wanted(kind="child")).total == 0
    assert boards.get_board(notice, Reach(classes=(group.id,)), boards.Wanted(kind="child")).total == 1
