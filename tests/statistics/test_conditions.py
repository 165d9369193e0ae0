"""School conditions: every change is a version."""

from __future__ import annotations

from typing import Any

import pytest

from lingqu.foundation.statistics.models import Conditions
from lingqu.foundation.statistics.selectors.conditions import find_conditions
from lingqu.foundation.statistics.services.conditions import save_conditions
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Invalid

SYSTEM = Actor.system("tests")


@pytest.mark.django_db
def test_every_change_is_a_version_and_no_change_is_none(city: dict[str, Any]) -> None:
    school = city["schools"][0]
    for books, version in (("10", 1), ("10", 1), ("11", 2)):
        made = save_conditions(
            actor=SYSTEM,
            school_code=school.code,
            year="2026-2027",
            typed={"books": books},
            rooms="101\t普通教室\t50\t甲",
        )
        assert made.version == version
    found = find_conditions(school.id, "2026-2027")
    assert found is not None
    assert found.values == {"books": 11}
    assert Conditions.objects.count() == 2
    with pytest.raises(Invalid):
        save_conditions(actor=SYSTEM, school_code=school.code, year="2026-2028", typed={})
