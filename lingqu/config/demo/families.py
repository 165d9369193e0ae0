"""Families across the city: children in different schools, teachers who are parents, grandparents in charge."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from .names import ELDER, PARENT, Namer
from .numbers import Numbers

POOL_SIZE = 300
"""Families (and teachers) per district that wait for a further child; keeps memory flat."""
SIBLING_SHARE, TEACHER_CHILD_SHARE = 0.13, 0.04
LEFT_BEHIND = {True: 0.17, False: 0.02}
"""Share of 留守 children with a grandparent in charge, rural and not."""
ID_KNOWN_SHARE = 0.88
GRANDPARENTS = (("祖父", "1"), ("祖母", "2"), ("外祖父", "1"), ("外祖母", "2"))
PARENTS = {"母亲": "2", "父亲": "1"}
YEAR = 365


class Adult(NamedTuple):
    """``day`` is the ordinal birth day; an adult without ID number always has a phone."""

    name: str
    sex: str
    day: int
    id_number: str
    phone: str


class Care(NamedTuple):
    """How an adult stands to the children of a family."""

    adult: Adult
    relation: str
    kind: str
    is_primary: bool
    lives_with: bool
    proof: str


@dataclass(slots=True)
class Family:
    surname: str
    address: str
    rural: bool
    cares: list[Care] = field(default_factory=list)
    last_child_day: int = 0
    fixed: bool = False
    """Told by the story: nothing is added by chance."""

    @property
    def phone(self) -> str:
        return self.cares[0].adult.phone if self.cares else ""


class Families:
    """Makes families and remembers some of them, per district, for their next child."""

    def __init__(self, rng: Random, numbers: Numbers) -> None:
        self.rng, self.numbers, self.namer = rng, numbers, Namer(rng)
        self._waiting: dict[int, list[Family]] = {}
        self._teachers: dict[int, list[Adult]] = {}

    # ---- remembered --------------------

    def remember(self, district: int, family: Family) -> None:
        """Only families whose guardians all have ID numbers: by them the import knows that two rows are one person."""
        waiting = self._waiting.setdefault(district, [])
        known = all(care.adult.id_number for care in family.cares)
        if known and len(waiting) < POOL_SIZE and self.rng.random() < 0.3:
            waiting.append(family)

    def remember_teacher(self, district: int, teacher: Adult) -> None:
        waiting = self._teachers.setdefault(district, [])
        if len(waiting) < POOL_SIZE:
            waiting.append(teacher)

    def find_sibling(self, district: int, day: int) -> Family | None:
        """A waiting family whose guardian fits a child born on ``day``, its last child a year or more apart."""
        waiting = self._waiting.get(district)
        if not waiting or self.rng.random() > SIBLING_SHARE:
            return None
        place = self.rng.randrange(len(waiting))
        family = waiting[place]
        if abs(family.last_child_day - day) < 400 or not _fits(family.cares[0].adult, family.cares[0].relation, day):
            return None
        waiting[place] = waiting[-1]
        waiting.pop()
        return family

    def find_teacher(self, district: int, day: int) -> Adult | None:
        waiting = self._teachers.get(district)
        if not waiting or self.rng.random() > TEACHER_CHILD_SHARE or not _fits(waiting[-1], "母亲", day):
            return None
        return waiting.pop()

    # ---- made --------------------

    def of_teacher(self, teacher: Adult, address: str, *, rural: bool) -> Family:
        mother = teacher.sex == "2"
        surname = self.namer.surname() if mother else teacher.name[:1]
        family = Family(surname=surname, address=address, rural=rural)
        family.cares.append(Care(teacher, "母亲" if mother else "父亲", "法定监护", True, True, "户口簿"))
        return family

    def new(self, address: str, *, rural: bool) -> Family:
        return Family(surname=self.namer.surname(), address=address, rural=rural)

    def add_first(self, family: Family, district: int, day: int) -> None:
        """The primary guardian: mother, father, or a grandparent who was entrusted with the child."""
        draw = self.rng.random
        if draw() < LEFT_BEHIND[family.rural]:
            relation, sex = GRANDPARENTS[int(draw() * 4)]
            adult = self._adult(family, sex, ELDER, relation, district, day)
            family.cares.append(Care(adult, relation, "委托监护", True, True, "委托监护书"))
            return
        relation = "母亲" if draw() < 0.62 else "父亲"
        adult = self._adult(family, PARENTS[relation], PARENT, relation, district, day)
        family.cares.append(Care(adult, relation, "法定监护", True, True, "户口簿"))

    def add_second(self, family: Family, district: int, day: int) -> None:
        first = family.cares[0].relation
        entrusted = family.cares[0].kind == "委托监护"
        relation = "父亲" if first == "母亲" else "母亲"
        adult = self._adult(family, PARENTS[relation], PARENT, relation, district, day)
        lives = not entrusted and self.rng.random() < 0.9
        family.cares.append(Care(adult, relation, "法定监护", False, lives, "户口簿"))

    def _adult(self, family: Family, sex: str, generation: str, relation: str, district: int, day: int) -> Adult:
        draw = self.rng.random
        same = relation in ("父亲", "祖父")
        surname = family.surname if same and draw() < 0.94 else self.namer.surname()
        years = 22 + draw() * 15 if generation == PARENT else 48 + draw() * 14
        birth = day - int(years * YEAR)
        known = draw() < ID_KNOWN_SHARE
        id_number = self.numbers.id_number(district, birth, sex) if known else ""
        phone = self.numbers.phone() if not known or draw() < 0.97 else ""
        return Adult(surname + self.namer.given(sex, generation), sex, birth, id_number, phone)


def _fits(adult: Adult, relation: str, day: int) -> bool:
    years = (day - adult.day) / YEAR
    return 20 <= years <= 43 if relation in PARENTS else 44 <= years <= 68
