"""Freezing: who counts, what never changes, resuming, correcting, changes since the last snapshot."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from lingqu.foundation.registry import testing
from lingqu.foundation.statistics.models import (
    Pseudonym,
    Snapshot,
    SnapshotChange,
    SnapshotClass,
    SnapshotPupil,
    SnapshotSchool,
    SnapshotStaff,
)
from lingqu.foundation.statistics.services import snapshots
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Forbidden, Invalid
from lingqu.kernel.models import AuditEntry

from .conftest import note_attribute

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


@pytest.fixture
def school() -> Any:
    from lingqu.foundation.registry.services.reference import ensure_school_year, school_year_of

    ensure_school_year(school_year_of(today()))
    return testing.make_school(testing.make_organisation(kind="region"))


def frozen(place: Any, day: date | None = None, reason: str = "") -> Snapshot:
    made = snapshots.request_snapshot(
        actor=SYSTEM, organisation_code=place.code, taken_on=day or today(), reason=reason
    )
    return snapshots.perform(made.id)


def test_rows_of_a_school(school: Any) -> None:
    group = testing.make_class(school, "G07")
    note_attribute(testing.make_pupil(group, sex="1", birth_date=date(2013, 5, 1)), "migrant")
    testing.make_pupil(group, sex="2", attendance="guest")
    away = testing.make_pupil(group, attendance="absent")
    dead = testing.make_pupil(group, deceased_on=today())
    testing.make_teacher(school)
    made = frozen(school.parent)
    rows = list(SnapshotPupil.objects.filter(snapshot_id=made.id).order_by("sex", "attendance"))
    assert sorted(row.attendance for row in rows) == ["absent", "guest", "registered"]
    boy = next(row for row in rows if row.sex == "1")
    assert (boy.migrant, boy.left_behind, boy.register_state, boy.grade) == (True, False, "01", "G07")
    assert boy.age == today().year - 2013 - ((today().month, today().day) < (5, 1))
    assert next(row for row in rows if row.attendance == "guest").register_state == ""
    [row] = SnapshotClass.objects.filter(snapshot_id=made.id)
    assert row.size == 2, "the absent child does not fill a seat"
    assert SnapshotStaff.objects.get(snapshot_id=made.id).full_time_teacher is False, "no post, no subject, no class"
    keys = set(SnapshotPupil.objects.values_list("key", flat=True))
    assert not keys & {away.id, dead.id}, "pseudonyms only"
    assert Pseudonym.objects.filter(person=away).exists()


def test_merged_records_count_once(school: Any) -> None:
    group = testing.make_class(school)
    kept, merged = testing.make_pupil(group), testing.make_pupil(group)
    type(merged).objects.filter(id=merged.id).update(canonical=kept)
    made = frozen(school)
    assert SnapshotPupil.objects.filter(snapshot=made).count() == 1
    assert SnapshotClass.objects.get(snapshot=made).size == 1


def test_nothing_frozen_can_be_changed_removed_or_added(school: Any) -> None:
    testing.make_pupil(testing.make_class(school))
    testing.make_teacher(school)
    made = frozen(school)
    row = SnapshotPupil.objects.get(snapshot=made)
    attempts = [
        lambda: SnapshotPupil.objects.update(sex="2"), lambda: SnapshotPupil.objects.filter(id=row.id).delete(),
        lambda: SnapshotStaff.objects.update(title="x"), lambda: SnapshotClass.objects.update(size=9),
        lambda: SnapshotSchool.objects.update(digest="0"), lambda: SnapshotSchool.objects.all().delete(),
        lambda: Snapshot.objects.update(digest="0"), lambda: Snapshot.objects.filter(id=made.id).delete(),
        lambda: SnapshotPupil.objects.create(snapshot=made, school_id=school.id, key=made.id, sex="1", attendance="guest"),
    ]  # fmt: skip
    for attempt in attempts:
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()
    other = testing.make_school()
    with pytest.raises(IntegrityError), transaction.atomic():
        snapshots.freeze(made, [other.id])
    assert snapshots.find_differences(made.id) == []


def test_a_row_changed_behind_the_triggers_is_found(school: Any) -> None:
    testing.make_pupil(testing.make_class(school))
    made = frozen(school)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE statistics_snapshotpupil DISABLE TRIGGER statistics_frozen")
        cursor.execute("UPDATE statistics_snapshotpupil SET boarding = true")
        cursor.execute("ALTER TABLE statistics_snapshotpupil ENABLE TRIGGER statistics_frozen")
    assert snapshots.find_differences(made.id) == [school.id]


def test_later_edits_change_nothing_and_a_correction_is_a_new_version(school: Any) -> None:
    group = testing.make_class(school)
    pupil = testing.make_pupil(group, sex="1")
    first = frozen(school)
    type(pupil).objects.filter(id=pupil.id).update(sex="2")
    testing.make_pupil(group)
    with pytest.raises(Invalid):
        frozen(school)
    second = frozen(school, reason="性别有误")
    assert (first.number, second.number) == (1, 2)
    assert [row.sex for row in SnapshotPupil.objects.filter(snapshot=first)] == ["1"]
    assert SnapshotPupil.objects.filter(snapshot=second).count() == 2
    assert snapshots.find_differences(first.id) == []
    sealed = AuditEntry.objects.filter(action="statistics.snapshot.sealed").order_by("id")
    assert [entry.data["digest"] for entry in sealed] == [first.digest, second.digest]


def test_resuming_freezes_each_school_once(school: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    other = testing.make_school(school.parent)
    for one in (school, other):
        testing.make_pupil(testing.make_class(one))
    monkeypatch.setattr(snapshots, "BATCH", 1)
    made = snapshots.request_snapshot(actor=SYSTEM, organisation_code=school.parent.code, taken_on=today())
    stops = iter([None, KeyboardInterrupt()])

    def stop() -> None:
        if told := next(stops):
            raise told

    monkeypatch.setattr(snapshots.jobs, "checkpoint", stop)
    with pytest.raises(KeyboardInterrupt):
        snapshots.perform(made.id)
    assert snapshots.list_unfinished() == [made.id]
    monkeypatch.setattr(snapshots.jobs, "checkpoint", lambda: None)
    done = snapshots.perform(made.id)
    assert (done.state, done.schools, SnapshotPupil.objects.count()) == ("sealed", 2, 2)


def test_changes_since_the_last_snapshot(school: Any) -> None:
    group, second = testing.make_class(school, "G08"), testing.make_class(testing.make_school(school.parent), "G08")
    stays, moves, dies, rests, vanishes = (testing.make_pupil(group, sex="1") for _n in range(5))
    returns = testing.make_pupil(group, attendance="absent")
    frozen(school.parent, today() - timedelta(days=30))
    seat = moves.enrolments.get()
    for person in (moves, vanishes):
        person.enrolments.update(valid_to=today() - timedelta(days=3))
    type(seat).objects.create(
        person=moves, school=second.school, path=second.school.path, name_key="x", grade="G08", valid_from=today() - timedelta(days=3)
    )  # fmt: skip
    type(dies).objects.filter(id=dies.id).update(deceased_on=today() - timedelta(days=1))
    rests.enrolments.update(attendance="absent")
    returns.enrolments.update(attendance="registered")
    testing.make_pupil(group)
    made = frozen(school.parent)
    told = {
        row.key: (row.code, row.direction) for row in SnapshotChange.objects.filter(snapshot=made, school_id=school.id)
    }
    keys = dict(Pseudonym.objects.values_list("person_id", "key"))
    assert {keys[p.id]: told[keys[p.id]] for p in (moves, dies, rests, returns, vanishes)} == {
        keys[moves.id]: ("27", -1), keys[dies.id]: ("26", -1), keys[rests.id]: ("23", -1), keys[returns.id]: ("12", 1),
        keys[vanishes.id]: ("-?", -1),
    }  # fmt: skip
    assert keys[stays.id] not in told
    assert sorted(told.values()) == [("-?", -1), ("12", 1), ("13", 1), ("23", -1), ("26", -1), ("27", -1)]
    before, after = (
        SnapshotPupil.objects.filter(snapshot=s, school_id=school.id).exclude(attendance="absent").count()
        for s in Snapshot.objects.order_by("taken_on")
    )
    assert before + sum(direction for _code, direction in told.values()) == after


def test_graduates_and_new_pupils_are_told_from_transfers(school: Any) -> None:
    year = date(today().year if today().month >= 9 else today().year - 1, 9, 1)
    leaver, stayer = (
        testing.make_pupil(testing.make_class(school, grade, serial)) for grade, serial in (("G09", 1), ("G08", 2))
    )
    for person in (leaver, stayer):
        person.enrolments.update(valid_from=date(2020, 9, 1))
    frozen(school, year - timedelta(days=80))
    leaver.enrolments.update(valid_to=year - timedelta(days=50))
    new = testing.make_pupil(testing.make_class(school, "G07"))
    new.enrolments.update(valid_from=year)
    made = frozen(school, year)
    keys = dict(Pseudonym.objects.values_list("person_id", "key"))
    told = dict(SnapshotChange.objects.filter(snapshot=made).values_list("key", "code"))
    assert told == {keys[leaver.id]: "21", keys[new.id]: "11"}


def test_days_to_come_and_other_places_are_refused(school: Any) -> None:
    with pytest.raises(Invalid):
        snapshots.request_snapshot(actor=SYSTEM, organisation_code=school.code, taken_on=today() + timedelta(days=1))
    with pytest.raises(Forbidden):
        snapshots.request_snapshot(actor=Actor.anonymous(), organisation_code=school.code, taken_on=today())
    assert not Snapshot.objects.exists()
