"""Finding people by what somebody types, within what the actor may see, at the same cost in a village and a city.

An exact number, ID number, 学籍号 or phone goes to its own index and the few hits are checked one by one. A name or its
pinyin goes through one of two indexes: when the actor's scope is small, through the scope's list (path, name key); when it
is large, through the name index. The border is where both cost the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from pypinyin import Style
from pypinyin.constants import PINYIN_DICT
from pypinyin.style import convert

from lingqu.kernel.actor import Actor, is_top
from lingqu.kernel.crypto import blind
from lingqu.kernel.pages import Page, count_up_to, merge_branches

from .. import policies
from ..models import Appointment, ClassMembership, Enrolment, Guardianship, Person, RegisterEntry
from ..types.cards import Found
from ..types.names import name_key, typed_key
from .rows import rows_of
from .scopes import roots, scope_size

ROWS = 30
MOST_EXACT = 20
MOST_CANDIDATES = 600
"""Hits of a name that are looked at when only a part of them is visible."""
BORDER = 4_000
"""The name index is used from ``scope² > BORDER · everybody`` on: below, reading the scope's list is cheaper."""
ID_NUMBER = re.compile(r"\d{17}[\dX]|\d{15}")
REGISTER_NUMBER = re.compile(r"[GJL]\d{17}[\dX]")
PHONE = re.compile(r"1\d{10}")
PERSON_NUMBER = re.compile(r"\d{12}")
LOCAL_NUMBER = re.compile(r"[A-Za-z]{0,4}[-]?\d{1,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was typed, read: ``kind`` number, id, register, phone, local, name or pinyin; ``key`` in the form of its index."""

    kind: str
    text: str
    key: str = ""
    initials: str = ""


def read_query(text: str) -> Wanted | None:
    """Understand a search; None when there is nothing to look for."""
    typed = " ".join(text.split())
    solid = typed.replace(" ", "").replace("-", "").upper()
    if not solid:
        return None
    for kind, pattern in (
        ("number", PERSON_NUMBER), ("phone", PHONE), ("register", REGISTER_NUMBER), ("id", ID_NUMBER),
    ):  # fmt: skip
        if pattern.fullmatch(solid):
            return Wanted(kind=kind, text=solid)
    if LOCAL_NUMBER.fullmatch(typed):
        return Wanted(kind="local", text=typed)
    if typed.isascii():
        return _read_pinyin(typed)
    name = typed.replace(" ", "")[:40]
    return Wanted(kind="name", text=name, key=name_key(name)[0])


def _read_pinyin(typed: str) -> Wanted:
    """``zh`` are initials; ``zhou he`` and ``zhouhe`` are spelled out."""
    key = typed_key(typed)[:60]
    syllables = key.split() if " " in key else _cut(key)
    if syllables and (" " in key or any(len(part) > 1 for part in syllables)):
        return Wanted(kind="pinyin", text=typed, key=" ".join(syllables), initials="".join(s[0] for s in syllables))
    return Wanted(kind="pinyin", text=typed, initials=key.replace(" ", ""))


@cache
def _known_syllables() -> frozenset[str]:
    marked = {reading for readings in PINYIN_DICT.values() for reading in readings.split(",")}
    return frozenset(convert(reading, style=Style.NORMAL, strict=True).replace("ü", "v") for reading in marked)


def _cut(text: str) -> list[str]:
    """Split spelled-out pinyin into syllables, longest first; [] when it is not pinyin (then it is initials)."""
    if not text:
        return []
    for length in range(min(6, len(text)), 0, -1):
        if text[:length] in _known_syllables() and (length > 1 or text[0] in "aeo"):
            rest = _cut(text[length:])
            if rest or length == len(text):
                return [text[:length], *rest]
    return []


def search_people(actor: Actor, text: str, *, cursor: str = "", limit: int = ROWS) -> Found:
    """People whom the actor may see and who fit what was typed. Deceased and merged people are never found."""
    wanted = read_query(text)
    if wanted is None:
        return Found(rows=())
    if wanted.kind in ("number", "id", "register", "phone", "local"):
        return _exact(actor, wanted)
    page, hint = _by_name(actor, wanted, cursor, limit)
    rows = rows_of(list(page.items))
    return Found(
        rows=rows, next=page.next, previous=page.previous, hint=hint, kind=wanted.kind,
        total_text=page.total_text if page.total_is_exact or page.total >= 1000 else _("至少 %(n)d") % {"n": page.total},
    )  # fmt: skip


def living() -> QuerySet[Person]:
    return Person.objects.filter(canonical=None, deceased_on=None)


def _exact(actor: Actor, wanted: Wanted) -> Found:
    found = living().filter(_exact_condition(actor, wanted))[:MOST_EXACT]
    people = list(found)
    held = policies.held_among(actor, [person.id for person in people])
    visible = [person for person in people if person.id in held]
    return Found(rows=rows_of(visible), total_text=str(len(visible)), kind=wanted.kind)


def _exact_condition(actor: Actor, wanted: Wanted) -> Q:
    if wanted.kind == "number":
        return Q(number=wanted.text)
    if wanted.kind == "phone":
        return Q(phone_blind=blind("phone", wanted.text))
    if wanted.kind == "id":
        return Q(id_blind=blind("id", wanted.text))
    if wanted.kind == "register":
        entries = RegisterEntry.objects.filter(number_blind=blind("register", wanted.text), valid_to=None)
        return Q(id__in=list(entries.values_list("person_id", flat=True)[:MOST_EXACT]))
    return Q(id__in=_by_local_number(actor, wanted.text))


def _by_local_number(actor: Actor, number: str) -> list[UUID]:
    """学号 and 工号 are looked for in the schools of a small scope: they mean nothing beyond a school."""
    schools = _schools_of(actor)
    pupils = Enrolment.objects.filter(school_id__in=schools, school_number=number, valid_to=None)
    staff = Appointment.objects.filter(organisation_id__in=schools, staff_number=number, valid_to=None)
    return [
        *pupils.values_list("person_id", flat=True)[:MOST_EXACT],
        *staff.values_list("person_id", flat=True)[:MOST_EXACT],
    ]


def _schools_of(actor: Actor, most: int = 100) -> list[UUID]:
    branches = policies.visible_people(actor)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.id FROM registry_organisation o WHERE o.kind <> 'bureau' AND o.closed_on IS NULL AND "
            "(o.path <@ ANY(%(paths)s::ltree[]) OR o.id IN (SELECT school_id FROM registry_classgroup WHERE id = ANY(%(c)s))) "
            "LIMIT %(most)s",
            {"paths": list(branches.all_paths), "c": list(branches.classes), "most": most + 1},
        )
        found = [row[0] for row in cursor.fetchall()]
    return found if len(found) <= most else []


def _by_name(actor: Actor, wanted: Wanted, cursor: str, limit: int) -> tuple[Page[Person], str]:
    order = ("name", "id") if wanted.kind == "name" else ("name_initials", "name_key", "id")
    branches = policies.visible_people(actor)
    named = living().filter(_name_condition(wanted))
    scope = sum(scope_size(path) for path in branches.all_paths)
    everybody = sum(scope_size(path) for path in roots())
    is_large = scope * scope > BORDER * max(everybody, 1)
    rows: list[QuerySet[Person]] = []
    chosen: list[UUID] = []
    hint = ""
    if branches.all_paths and is_large:
        rows += [named if is_top(path) else named.filter(path__within=path) for path in branches.paths]
    elif branches.all_paths:
        chosen += _in_scope(branches.all_paths, wanted)
        if _is_long_enough(wanted):
            chosen += _guardians_named(named, order, branches.all_paths)
        else:
            hint = _("家长请输入至少两个字，或用手机号查找。")
    if branches.classes or branches.people:
        chosen += _in_classes(branches)
    if chosen or not rows:
        rows.append(named.filter(id__in=chosen))
    page = merge_branches(rows, order=order, limit=limit, cursor=cursor, with_total=False)
    total, is_exact = _total(rows, named, order, branches.paths if is_large else ())
    return Page(items=page.items, next=page.next, previous=page.previous, total=total, total_is_exact=is_exact), hint


def _name_condition(wanted: Wanted) -> Q:
    if wanted.kind == "name":
        return Q(name__startswith=wanted.text)
    found = Q(name_initials__startswith=wanted.initials)
    return found & Q(name_key__startswith=wanted.key) if wanted.key else found


def _is_long_enough(wanted: Wanted) -> bool:
    return len(wanted.text) >= 2 if wanted.kind == "name" else len(wanted.initials) >= 2


def _in_scope(paths: Sequence[str], wanted: Wanted) -> list[UUID]:
    """People of a small scope by name key, from the lists of pupils and staff: the key is checked inside the index."""
    low, pattern = _key_range(wanted)
    high = low[:-1] + chr(ord(low[-1]) + 1)
    sql = " UNION ".join(
        f"SELECT t.person_id FROM {table} t WHERE t.valid_to IS NULL AND t.path >= %(p{n})s::ltree "  # noqa: S608
        f"AND t.path < %(q{n})s::ltree AND t.name_key >= %(low)s AND t.name_key < %(high)s AND t.name_key ~ %(pattern)s"
        for table in ("registry_enrolment", "registry_appointment")
        for n in range(len(paths))
    )
    values = {f"p{n}": path for n, path in enumerate(paths)} | {f"q{n}": f"{path}-" for n, path in enumerate(paths)}
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} LIMIT 5000", {**values, "low": low, "high": high, "pattern": pattern})
        return [row[0] for row in cursor.fetchall()]


def _key_range(wanted: Wanted) -> tuple[str, str]:
    """Lower bound and pattern of name keys: initials ``wx`` are ``^w[^ ]* x``."""
    if wanted.key:
        return wanted.key, "^" + re.escape(wanted.key)
    initials = wanted.initials or " "
    return initials[0], "^" + "[^ ]* ".join(re.escape(letter) for letter in initials)


def _guardians_named(named: QuerySet[Person], order: Sequence[str], paths: Sequence[str]) -> list[UUID]:
    """Parents of the scope among the first hits of the name in the whole node."""
    candidates = named.order_by(*order)[:MOST_CANDIDATES]
    return candidates.aggregate(ids=ArrayAgg("pk", filter=_within(paths)))["ids"] or []


def _within(paths: Sequence[str]) -> Q:
    return reduce(or_, (Q(path__within=path) for path in paths))


def _in_classes(branches: policies.Branches) -> list[UUID]:
    """Pupils of single classes with their parents, and single people."""
    pupils = list(
        ClassMembership.objects.filter(class_group_id__in=branches.classes, valid_to=None).values_list(
            "person_id", flat=True
        )
    )
    parents = Guardianship.objects.filter(child_id__in=pupils, valid_to=None, guardian__isnull=False)
    return [*pupils, *parents.values_list("guardian_id", flat=True), *branches.people]


def _total(
    rows: Sequence[QuerySet[Person]], named: QuerySet[Person], order: Sequence[str], large_paths: Sequence[str]
) -> tuple[int, bool]:
    """Exact to 1,000. In a large part of a node the first candidates are counted: then the number is a lower bound."""
    if not large_paths or any(is_top(path) for path in large_paths):
        return count_up_to(rows[0])
    candidates = named.order_by(*order)[:MOST_CANDIDATES]
    found = candidates.aggregate(read=Count("pk"), inside=Count("pk", filter=_within(large_paths)))
    return found["inside"], found["read"] < MOST_CANDIDATES
