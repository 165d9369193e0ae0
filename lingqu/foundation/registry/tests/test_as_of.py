"""What a page says of any day is what a naive replay of the same operations says."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing
from lingqu.foundation.registry.selectors.person import get_person_page
from lingqu.foundation.registry.selectors.timeline import timeline_values
from lingqu.foundation.registry.services import guardians, seats
from lingqu.foundation.registry.types import rights
from lingqu.kernel.clock import today
from lingqu.kernel.errors import DomainError
from lingqu.kernel.testing import actor_with

DAYS = 60
State = tuple[str, int | None, bool]
"""Attendance ("" without a school), the class's index, whether a second guardian is recorded."""


def replay(state: State, operation: str, target: int) -> State | None:
    """What the operation makes of the state; None where it must be refused."""
    attendance, seat, has_second = state
    if operation == "move":
        return (attendance, target, has_second) if attendance == "registered" and seat != target else None
    if operation == "suspend":
        return ("absent", None, has_second) if attendance == "registered" else None
    if operation == "left":
        return ("", None, has_second) if attendance else None
    if operation == "return":
        return ("registered", target, has_second) if attendance != "registered" else None
    return (attendance, seat, True) if not has_second else None


class AsOf(TestCase):
    @settings(max_examples=15, suppress_health_check=list(HealthCheck))
    @given(
        steps=st.lists(
            st.tuples(
                st.integers(1, 12),
                st.sampled_from(["move", "suspend", "left", "return", "guardian"]),
                st.integers(0, 2),
            ),
            min_size=1,
            max_size=8,
        )
    )
    def test_every_day_equals_the_replay(self, steps: list[tuple[int, str, int]]) -> None:
        registry.prepare()
        first = today() - timedelta(days=DAYS)
        group = testing.make_class()
        groups = [
            group,
            *(testing.make_class(group.school, serial=number, name=f"八（{number}）班") for number in (2, 3)),
        ]
        pupil = testing.make_pupil(group)
        testing.make_guardian(pupil)
        for rows in (pupil.enrolments, pupil.class_memberships, pupil.register_entries, pupil.guardianships):
            rows.update(valid_from=first)
        actor = actor_with(*rights.ALL, path=str(group.school.path))
        state: State = ("registered", 0, False)
        story: list[tuple[date, State]] = [(first, state)]
        day = first
        for distance, operation, target in steps:
            day = min(day + timedelta(days=distance), today())
            expected = replay(state, operation, target)
            try:
                self._do(actor, operation, pupil, groups[target], day)
            except DomainError:
                assert expected is None, (operation, state)
            else:
                assert expected is not None, (operation, state)
                state = expected
                story.append((day, state))
        for offset in range(0, DAYS + 1, 3):
            at = first + timedelta(days=offset)
            attendance, seat, has_second = [known for begun, known in story if begun <= at][-1]
            page = get_person_page(pupil, as_of=at)
            assert [fact.attendance for fact in page.enrolments] == ([attendance] if attendance else [])
            assert [card.id for card in page.classes] == ([] if seat is None else [groups[seat].id])
            assert len(page.guardians) == 1 + has_second
            assert all(event["on"] <= at.isoformat() for event in timeline_values(pupil, as_of=at))

    def _do(self, actor: object, operation: str, pupil: object, group: object, day: date) -> None:
        named = {"actor": actor, "person_id": pupil.id, "on": day}  # type: ignore[attr-defined]
        if operation == "move":
            seats.move_to_class(**named, class_id=group.id, reason="调")  # type: ignore[arg-type,attr-defined]
        elif operation == "return":
            seats.return_to_school(**named, class_id=group.id)  # type: ignore[arg-type,attr-defined]
        elif operation == "guardian":
            guardians.add_guardian(
                actor=actor, child_id=pupil.id, kind="legal", relation="", proof="", valid_from=day, name="李桂英",  # type: ignore[arg-type,attr-defined]
                phone="12000000005",
            )  # fmt: skip
        else:
            seats.leave_school(
                **named, school_id=group.school_id, kind="suspended" if operation == "suspend" else "left", reason="离",  # type: ignore[arg-type,attr-defined]
                expected_on=day + timedelta(days=100),
            )  # fmt: skip
