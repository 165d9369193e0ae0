"""Checks that open sealed ID numbers: form, birth and sex against the number. Values never leave the process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from uuid import UUID

from django.db import connection

from lingqu.kernel.crypto import unseal_fields

CHUNK = 10_000
SEALED = ("bad_id", "birth_not_id", "sex_not_id")
_FORM = re.compile(r"\d{17}[\dX]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_SQL = """SELECT p.id, e.school_id, e.path::text, p.sealed, p.birth_date, p.sex FROM registry_enrolment e
JOIN registry_person p ON p.id = e.person_id WHERE e.valid_to IS NULL AND e.path >= %(path)s::ltree
AND e.path < %(below)s::ltree AND p.canonical_id IS NULL AND p.deceased_on IS NULL AND p.id_blind IS NOT NULL
AND NOT p.synthetic AND p.id_type IN ('', '1', '01')"""
Found = tuple[str, UUID, UUID, str]


def problems_of(number: str, birth: date | None, sex: str) -> tuple[str, ...]:
    """Codes of the rules that an 18-digit citizen number (GB 11643) breaks, alone or against birth date and sex."""
    if not _FORM.fullmatch(number):
        return ("bad_id",)
    rest = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True)) % 11
    if "10X98765432"[rest] != number[17]:
        return ("bad_id",)
    made = []
    if birth is not None and number[6:14] != birth.strftime("%Y%m%d"):
        made.append("birth_not_id")
    if sex in ("1", "2") and int(number[16]) % 2 != int(sex) % 2:
        made.append("sex_not_id")
    return tuple(made)


def find_sealed(path: str, below: str) -> Iterator[Found]:
    """(rule, person, school, path) of every pupil from ``path`` on and before ``below`` in the order of the tree, in chunks."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_SQL, {"path": path, "below": below})
        while rows := cursor.fetchmany(CHUNK):
            for person_id, school_id, place, sealed, birth, sex in rows:
                number = unseal_fields(sealed).get("id_number", "").upper()
                for code in problems_of(number, birth, sex) if number else ():
                    yield code, person_id, school_id, place
