"""Guardians of the story's children: one household has one set of them, whatever school the child is in."""

from __future__ import annotations

from .families import GRANDPARENTS, PARENTS, Adult, Care, Families, Family
from .story import SECOND_GUARDIANS, WITHOUT_PHONE, StoryPupil
from .types import SchoolPlan

_SEX = PARENTS | dict(GRANDPARENTS)
_AGE = {"母亲": 29, "父亲": 31}


class StoryFamilies:
    def __init__(self, families: Families, school_year: int) -> None:
        self._families, self._school_year = families, school_year
        self._known: dict[str, Family] = {}
        self.teacher_mother: Adult | None = None

    def family_of(self, pupil: StoryPupil, day: int, district: int, school: SchoolPlan) -> tuple[Family, int, int]:
        """Family, birth day (twins share it) and how many guardians were made now."""
        known = self._known.get(pupil.household)
        if known is not None:
            twin = abs(known.last_child_day - day) < 400
            return known, known.last_child_day if twin else day, 0
        address = f"{school.town}春汀里{6 + 2 * len(self._known)}号（演示）"
        family = Family(surname=pupil.household, address=address, rural=school.rural, fixed=True, last_child_day=day)
        with_phone = pupil.household not in WITHOUT_PHONE
        entrusted = pupil.relation not in PARENTS
        adult = self._adult(pupil.guardian, pupil.relation, day, district, with_phone=with_phone)
        kind, proof = ("委托监护", "委托监护书") if entrusted else ("法定监护", "户口簿")
        family.cares.append(Care(adult, pupil.relation, kind, True, True, proof))
        if pupil.household in SECOND_GUARDIANS:
            name, _sex, relation = SECOND_GUARDIANS[pupil.household]
            second = self._adult(name, relation, day, district, with_phone=True)
            family.cares.append(Care(second, relation, "法定监护", False, not entrusted, "户口簿"))
        self._known[pupil.household] = family
        return family, day, len(family.cares)

    def _adult(self, name: str, relation: str, day: int, district: int, *, with_phone: bool) -> Adult:
        birth = day - _AGE.get(relation, 58) * 365
        sex = _SEX[relation]
        id_number = self._families.numbers.id_number(district, birth, sex)
        return Adult(name, sex, birth, id_number, self._families.numbers.phone() if with_phone else "")
