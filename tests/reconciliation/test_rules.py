"""The set-based comparison against a naive one, on made-up files and rosters; and both sides of the equation."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lingqu.foundation.reconciliation.models import FileEntry, NationalFile, Run
from lingqu.foundation.reconciliation.services.running import perform
from lingqu.foundation.registry.models import Enrolment
from lingqu.foundation.registry.testing import make_person
from lingqu.kernel.crypto import blind
from lingqu.kernel.ids import uuid7

from .worlds import World

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 15)
ENTRY = st.fixed_dictionaries({
    "child": st.integers(0, 7), "school": st.integers(0, 2), "state": st.sampled_from(["01", "01", "01", "02", "07", "10"]),
    "grade": st.sampled_from(["G06", "G08"]), "fault": st.sampled_from(["", "", "", "id_wrong", "id_missing", "name_differs", "unreadable"]),
})  # fmt: skip
SEAT = st.fixed_dictionaries({
    "school": st.integers(0, 2), "attendance": st.sampled_from(["registered", "registered", "guest", "absent"]),
    "grade": st.sampled_from(["G06", "G08"]), "back": st.sampled_from([None, date(2026, 11, 1), date(2027, 2, 1)]),
})  # fmt: skip


def naive(entries: list[dict[str, Any]], seat: dict[str, Any] | None) -> str:
    """The bucket of one child, said as plainly as possible."""
    faults = {one["fault"] for one in entries}
    if "unreadable" in faults:
        return "identity"
    if len(entries) > 1:
        return "several"
    if faults & {"name_differs", "id_wrong"}:
        return "identity"
    if not entries:
        return "no_entry"
    [entry] = entries
    if entry["state"] == "07":
        return "not_raised"
    if seat is None:
        return "in_transit" if entry["state"] == "10" else "no_person"
    if entry["school"] != seat["school"] and entry["grade"] == "G06" and seat["grade"] == "G08":
        return "not_raised"
    if entry["state"] == "10":
        return "in_transit"
    if seat["attendance"] == "absent" and seat["back"] and seat["back"] < DAY:
        return "leave_over"
    if entry["state"] == "02" and seat["attendance"] != "absent":
        return "leave_over"
    if entry["school"] != seat["school"]:
        return "no_person"
    if seat["attendance"] == "absent" and entry["state"] != "02":
        return "no_person"
    return "identity" if "id_missing" in faults else "agreed"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=st.lists(ENTRY, max_size=14), seats=st.dictionaries(st.integers(0, 7), SEAT, max_size=8))
def test_buckets_are_those_of_a_naive_reading_and_always_add_up(entries: list[Any], seats: dict[int, Any]) -> None:
    with transaction.atomic():
        world = World()
        schools = [world.school, world.second, world.beyond]
        people = [
            make_person(world.school, f"孩子{n}", sex="1", birth_date=date(2013, 1, n + 1), id_number=f"T{n}")
            for n in range(8)
        ]
        for child, seat in seats.items():
            school = schools[seat["school"]]
            Enrolment.objects.create(
                person=people[child], school=school, path=school.path, name_key="x", grade=seat["grade"],
                attendance=seat["attendance"], expected_on=seat["back"], valid_from=date(2026, 9, 1),
            )  # fmt: skip
        file = NationalFile.objects.create(
            import_id=uuid7(), import_number="IM", path=world.root.path, as_of=DAY, loaded_by="x"
        )
        grouped: dict[int, list[Any]] = defaultdict(list)
        for position, one in enumerate(entries):
            school, child = schools[one["school"]], one["child"]
            grouped[child].append(one)
            FileEntry.objects.create(
                file=file, place=str(position), school=school, path=school.path, name=f"孩子{child}", sex="1",
                birth_date=date(2013, 1, child + 1), id_blind=blind("id", f"T{child}"), state=one["state"], grade=one["grade"],
                faults=[one["fault"]] if one["fault"] else [],
            )  # fmt: skip
        run = perform(Run.objects.create(file=file, path=world.root.path, as_of=DAY, actor_name="x").id)
        expected: Counter[str] = Counter()
        sides: Counter[tuple[str, str]] = Counter()
        for child in {*grouped, *seats}:
            bucket = naive(grouped[child], seats.get(child))
            expected[bucket] += 1
            sides["entries", bucket] += len(grouped[child])
            sides["people", bucket] += child in seats
        for bucket in {*expected, *run.tallies.values_list("bucket", flat=True)}:
            rows = list(run.tallies.filter(bucket=bucket))
            assert sum(one.entries for one in rows) == sides["entries", bucket], bucket
            assert sum(one.people for one in rows) == sides["people", bucket], bucket
            if bucket != "agreed":
                assert sum(one.cases for one in rows) == expected[bucket], bucket
        assert (run.rows, run.people) == (len(entries), len(seats))
        transaction.set_rollback(True)
