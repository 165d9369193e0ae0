"""A small city with everything that statistics tell apart."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from lingqu.foundation.registry import testing
from lingqu.foundation.registry.services.reference import ensure_school_year, load_code_tables, school_year_of
from lingqu.kernel.clock import today


@pytest.fixture
def city() -> dict[str, Any]:
    """Two counties; a school of the root sits in the second one. Drawn with a fixed seed."""
    drawn = random.Random(20260901)
    ensure_school_year(school_year_of(today()))
    load_code_tables()
    root = testing.make_root()
    first, second = (testing.make_organisation(root, kind="region") for _n in range(2))
    schools = [
        testing.make_school(first, territory_path=str(first.path)),
        testing.make_school(first, territory_path=str(first.path), schooling="five_four"),
        testing.make_school(root, territory_path=str(second.path)),
    ]
    for school in schools:
        for serial, grade in enumerate(drawn.sample(["K3", "G01", "G06", "G07", "G08", "G09", "G10"], 4), start=1):
            group = testing.make_class(school, grade, serial)
            size = {(0, 1): 46, (1, 2): 26}.get((schools.index(school), serial)) or drawn.randint(2, 4)
            for _n in range(size):
                _pupil(drawn, group)
        for _n in range(drawn.randint(3, 9)):
            _teacher(drawn, school)
    return {"root": root, "counties": [first, second], "schools": schools}


def note_attribute(person: Any, kind: str, valid_to: date | None = None) -> None:
    person.pupil_attributes.create(
        kind=kind, is_sensitive=kind != "migrant", valid_from=testing.START, valid_to=valid_to
    )  # fmt: skip


def _pupil(drawn: random.Random, group: Any) -> None:
    person = testing.make_pupil(
        group, sex=drawn.choice("12129"), birth_date=drawn.choice([None, date(drawn.randint(2009, 2019), drawn.randint(1, 12), 9)]),
        attendance=drawn.choice(["registered"] * 6 + ["absent", "guest", "home_taught", "exchange"]),
    )  # fmt: skip
    for kind in ("migrant", "left_behind", "inclusive"):
        if drawn.random() < 0.3:
            note_attribute(person, kind, valid_to=drawn.choice([None, None, today()]))
    person.enrolments.update(boarding=drawn.choice([None, True, False]))


def _teacher(drawn: random.Random, school: Any) -> None:
    person = testing.make_teacher(school, sex=drawn.choice("12"), birth_date=date(drawn.randint(1962, 2001), 3, 1))
    person.appointments.update(
        post=drawn.choice(["10", "31", "40", ""]),
        subject=drawn.choice(["13", "14", ""]),
        title=drawn.choice(["013", ""]),
        employment_kind=drawn.choice(["established", "filed", "contract", "substitute", "rotation", "unknown"]),
    )
    _study(random.Random(f"{school.name}{person.appointments.get().staff_number}"), person, school)


def _study(drawn: random.Random, person: Any, school: Any) -> None:
    """学历 and 学位, 专任 as stated or not, a class that is taught, the establishment here or not."""
    person.attributes = {
        "education_level": drawn.choice(["11", "14", "21", "21", "22", "31", "41", "71", ""]),
        "degree": drawn.choice(["2", "304", "4", "401", "0", ""]),
    }
    person.save()
    post = person.appointments.get()
    person.appointments.update(full_time=drawn.choice([None, None, True, False]))
    if drawn.random() < 0.4:
        group = drawn.choice(list(school.class_groups.order_by("serial")))
        group.teaching.create(
            person=person, subject=drawn.choice(["13", "41"]), role="teacher", valid_from=testing.START
        )
    if drawn.random() < 0.5:
        person.appointments.create(
            organisation=school, path=school.path, name_key=post.name_key, relation="employs",
            employment_kind=person.appointments.get().employment_kind, valid_from=testing.START,
        )  # fmt: skip
