"""The whole city as a stream of rosters, one school at a time: memory does not grow with the number of people."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from lingqu.kernel.clock import now
from lingqu.kernel.errors import Invalid

from .bureaus import add_bureaus, count_staff
from .numbers import Numbers
from .plan import plan_city
from .residents import Residents, staff_of
from .rows import Roster
from .types import CityPlan, SchoolPlan

SEED = 2026


def current_school_year() -> int:
    """Calendar year in which the running school year began; it starts on 1 September, prepared from August on."""
    today = now()
    return today.year if today.month >= 8 else today.year - 1


class City:
    """``rosters()`` may be run once; the same arguments give the same rows."""

    def __init__(self, people: int, *, seed: int = SEED, school_year: int | None = None) -> None:
        self.plan: CityPlan = plan_city(people=people, seed=seed, school_year=school_year or current_school_year())
        self.staff = count_staff(self.plan) + sum(len(staff_of(school)) for school in self.plan.schools)
        guardians = people - self.plan.pupils - self.staff
        if guardians < self.plan.pupils // 2:
            raise Invalid(_("这么小的城市放不下演示的学校。"), code="demo.people")
        self._numbers = Numbers()
        self._residents = Residents(self.plan, self._numbers, guardians=guardians)

    def rosters(self) -> Iterator[tuple[SchoolPlan | None, Roster]]:
        """First the bureaus (no school), then every school with all that belongs to it."""
        first = Roster.empty()
        add_bureaus(self.plan, self._numbers, first)
        yield None, first
        for school in self.plan.schools:
            roster = Roster.empty()
            self._residents.fill(school, roster)
            yield school, roster
        assert self._residents.guardians_made == self._residents.guardians, "guardian quota missed"
