"""The demo's 岗位: 校办 and 教务处 of every school, 局办 and 基教科 of the city and each county, held by who does the work."""

from __future__ import annotations

from lingqu.foundation.registry import api as registry

from .accounts import ACTOR
from .numbers import CITY_REGION

AT_SCHOOLS = {"school_office": "school_admin", "academic_office": "academic_director"}
SMALL_SCHOOLS = {"academic_office": "register_officer"}
"""A school without 教务主任 gives the desk to its 学籍管理员."""
AT_OFFICES = (
    {"bureau_office": "county_officer", "basic_education": "county_officer"},
    {"bureau_office": "bureau_leader", "basic_education": "register_officer"},
)
"""Counties have their officer; the city's own staff stand in the second row."""


def set_up_posts() -> int:
    """Returns how many posts were opened; repeating it opens what is missing."""
    city = registry.find_organisation(CITY_REGION)
    if city is None:
        return 0
    asked = [(one, ("school",)) for one in (AT_SCHOOLS, SMALL_SCHOOLS)]
    asked += [(one, ("region", "bureau")) for one in AT_OFFICES]  # type: ignore[misc]
    return sum(
        registry.set_up_posts(actor=ACTOR, path=str(city.path), by_duty=by_duty, places=places)
        for by_duty, places in asked
    )
