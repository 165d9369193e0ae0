"""Schools of two counties, their children, and national files about them that come through an ordinary import."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection

from lingqu.foundation.intake import api as intake
from lingqu.foundation.intake.applying.services import Upload, run_stored
from lingqu.foundation.intake.checks.identity import check_character
from lingqu.foundation.reconciliation.models import Case, NationalFile, Run
from lingqu.foundation.reconciliation.services.running import perform, start_run
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry.models import ClassMembership, Enrolment
from lingqu.foundation.registry.testing import make_class, make_organisation, make_person, make_root, make_school
from lingqu.foundation.registry.types.names import name_key
from lingqu.kernel import files
from lingqu.kernel.actor import Actor

SYSTEM = Actor.system("test")
HEAD = (
    "姓名",
    "性别",
    "出生日期",
    "身份证件类型",
    "身份证号",
    "学籍号",
    "学校",
    "班级",
    "年级",
    "学籍状态",
    "学籍数据日期",
)
BEGAN = date(2026, 9, 1)


def id_number(serial: int, born: str = "2013-04-09") -> str:
    """A right number of a real region with this birthday; even serials are girls."""
    first = f"330102{born.replace('-', '')}{serial:03d}"
    return first + check_character(first)


class World:
    """``county`` with ``school`` and ``second``; ``far`` county with ``beyond``."""

    def __init__(self) -> None:
        registry.ensure_school_year("2026-2027")
        self.root = make_root()
        self.county = make_organisation(kind="region", name="汀东区", code="330101")
        self.far = make_organisation(kind="region", name="青石县", code="330102")
        self.school = make_school(self.county, name="第三中学", code="3301000001")
        self.second = make_school(self.county, name="第七中学", code="3301000002")
        self.beyond = make_school(self.far, name="青石县实验学校", code="3301000003")
        self.group = make_class(self.school, name="八（3）班")

    def child(self, serial: int, name: str, school: Any = None, **more: Any) -> Any:
        """A girl or boy who sits in a school."""
        school = school or self.school
        born = more.pop("born", "2013-04-09")
        with_id = more.pop("with_id", True)
        person = make_person(
            school, name, sex="2" if serial % 2 == 0 else "1", birth_date=date.fromisoformat(born),
            id_number=id_number(serial, born) if with_id else "",
        )  # fmt: skip
        if more.pop("seated", True):
            Enrolment.objects.create(
                person=person, school=school, path=school.path, name_key=name_key(name)[0], grade=more.pop("grade", "G08"),
                attendance=more.pop("attendance", "registered"), source="school-roster", valid_from=BEGAN, **more,
            )  # fmt: skip
            if school == self.school:
                ClassMembership.objects.create(class_group=self.group, person=person, valid_from=BEGAN)
        return person


def row(serial: int, name: str, school: str = "3301000001", **more: str) -> dict[str, str]:
    """A row of the national file about the child of this serial."""
    born = more.get("出生日期", "2013-04-09")
    number = more.pop("身份证号", id_number(serial, born))
    return {
        "姓名": name, "性别": "女" if serial % 2 == 0 else "男", "出生日期": born, "身份证件类型": "居民身份证" if number else "",
        "身份证号": number, "学籍号": ("G" + number) if number else "J" + id_number(serial + 500), "学校": school, "班级": "八（3）班", "年级": "八年级",
        "学籍状态": "在读", **more,
    }  # fmt: skip


def load(day: str, rows: Iterable[dict[str, str]], place: Any = None, *, compare: bool = True) -> Run | None:
    """Hand a national file in as people do, let it be applied, and compare it."""
    place = place or make_root()
    lines = [",".join(HEAD)] + [",".join({**one, "学籍数据日期": day}.get(name, "") for name in HEAD) for one in rows]
    stored = files.put("\n".join(lines).encode())
    record = intake.create_import(
        actor=SYSTEM, scope=str(place.path), source="national_pupil", source_kind="national_pupil",
        uploads=[Upload(name=f"学籍 {day}.csv", digest=stored.digest, size=stored.size)],
    )  # fmt: skip
    run_stored(actor=SYSTEM, import_id=record.id)
    with connection.cursor() as cursor:  # an import checks its keys at its end; a test goes on in the same transaction
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    if not compare:
        return None
    run = start_run(actor=SYSTEM, import_id=record.id, queued=False)
    return perform(run.id)


def buckets(run: Run) -> dict[str, tuple[int, int, int]]:
    """Bucket → entries, people, cases of a run."""
    found: dict[str, tuple[int, int, int]] = {}
    for one in run.tallies.all():
        old = found.get(one.bucket, (0, 0, 0))
        found[one.bucket] = (old[0] + one.entries, old[1] + one.people, old[2] + one.cases)
    return found


def case_of(name: str) -> Case:
    return Case.objects.get(name=name)


def latest_file() -> NationalFile:
    return NationalFile.objects.order_by("-as_of").first()  # type: ignore[return-value]
