"""The demo's 采集填报: the city's table of basic figures, of last month (done) and of this (28 back, one returned, one
overdue), and a county's table that runs.

Everything goes through the services, as offices and schools would do it; only the days are set back. Repeating it changes
nothing.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import timedelta
from random import Random
from typing import Any

import xlsxwriter
from django.apps import apps

from lingqu.foundation.collection import api as collection
from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor

from .accounts import ACTOR
from .audiences import STORY_SCHOOL_CODE
from .numbers import CITY_REGION, district_code

ASKED, TRIED = 30, 12
"""Schools that the city asks this month, and those that it asked last month."""
TITLE, HEATING = "义务教育学校基本情况统计表", "冬季供暖安全自查表"
STAGES = ("小学", "初中", "特殊教育")
NOTE = "按 11 月 20 日 6:00 的在校人数报。数字与名册不符的，先改名册，再点“重读名册”。"


def set_up_collections() -> int:
    """Returns how many tables stand."""
    model = apps.get_model("collection", "Collection")
    city, story = registry.find_organisation(CITY_REGION), registry.find_organisation(STORY_SCHOOL_CODE)
    if city is None or story is None or story.parent is None or model.objects.exists():
        return int(model.objects.count())
    last = _ask(city, TITLE, province_table(), _codes(city.path, story)[:TRIED], marks=_province_marks)
    _answer(last, Random(10), 0, scale=0)
    collection.close(actor=ACTOR, collection_id=last)
    _set_back(last, timedelta(days=clock.today().day + 9), timedelta(days=5))
    again = collection.use_again(actor=ACTOR, collection_id=last)
    _publish(again, TITLE, _codes(city.path, story))
    answers = _answer(again, Random(11), 1, scale=1)
    collection.return_answer(
        actor=ACTOR, answer_id=answers[-1].id, reason="B10 校舍面积是上期的十倍，请核对小数点。"
    )  # fmt: skip
    _set_back(again, timedelta(days=5, hours=2), timedelta(days=5))
    for office in filter(None, (story.parent, registry.find_organisation(district_code(5)))):
        if codes := _codes(office.path, story):
            _answer(_ask(office, HEATING, heating_table(), codes, days=4), Random(12), 2, scale=0)
    return int(model.objects.count())


def _codes(path: Any, story: Any) -> tuple[str, ...]:
    """The story's school, where it lies there, and the next ones of a place that are open."""
    rows = apps.get_model("registry", "Organisation").objects.filter(
        path__within=str(path), kind__in=("school", "teaching_point"), closed_on=None, code__gt=""
    )  # fmt: skip
    others = rows.exclude(id=story.id).order_by("code").values_list("code", flat=True)[: ASKED - 1]
    own = (story.code,) if str(story.path).startswith(f"{path}.") else ()
    return (*own, *others)


def _ask(office: Any, title: str, content: bytes, codes: tuple[str, ...], *, marks: Any = None, days: int = 1) -> Any:
    made = collection.create_collection(
        actor=ACTOR, office_id=office.id, title=title, name=f"{title}.xlsx", content=content
    )
    if marks is not None:
        marks(made)
    _publish(made, title, codes, days)
    return made


def _publish(made: Any, title: str, codes: tuple[str, ...], days: int = 1) -> None:
    deadline = (clock.now() + timedelta(days=days)).replace(minute=0, second=0, microsecond=0)
    terms = collection.Terms(
        title=title, note=NOTE if title == TITLE else "", deadline=deadline, scope=collection.Scope(singles=codes),
        keep_last=True,
    )  # fmt: skip
    collection.set_terms(actor=ACTOR, collection_id=made, terms=terms)
    collection.publish(actor=ACTOR, collection_id=made)


def _province_marks(made: Any) -> None:
    """What an officer changes of the guess: areas come from last time, and dangerous ones stay within all."""
    last = collection.Mark(
        kind=collection.MarkKind.LAST, type=collection.ValueType.NUMBER, low="0", required=True, editable=True
    )
    collection.mark_cells(actor=ACTOR, collection_id=made, keys=["1!B10", "1!H10"], mark=last)
    free = collection.Mark(kind=collection.MarkKind.FILL, type=collection.ValueType.NUMBER, low="0")
    collection.mark_cells(actor=ACTOR, collection_id=made, keys=["1!E10"], mark=free)
    for text, told, level in (
        ("E10≤B10", "危房面积不能大于校舍面积", "block"),
        ("F5≤E5", "小学寄宿不能多于在校生", "block"),
    ):
        collection.add_rule(actor=ACTOR, collection_id=made, rule=collection.Rule(text=text, told=told, level=level))


def _answer(made: Any, luck: Random, without: int, *, scale: int) -> list[Any]:
    """All schools ``without`` the last ones report what they know, the office accepts four of five; returns the answers."""
    rows = apps.get_model("collection", "Answer").objects.filter(collection=made).select_related("school", "sheet")
    found = list(rows.order_by("school__code"))
    found = found[: max(1, len(found) - without)]
    holders = _names([one.school_id for one in found])
    for one in found:
        clerk, head = (
            Actor.system(holders.get((one.school_id, duty), ACTOR.name)) for duty in ("school_admin", "principal")
        )
        values = {**one.sheet.values, **_entered(luck, one.sheet.values, scale)}
        collection.save_values(
            actor=clerk, answer_id=one.id, values=values, note="与上期比有新增用房。" if scale else ""
        )
        collection.submit(actor=clerk, answer_id=one.id)
        collection.sign(actor=head, answer_id=one.id)
    accepted = [one.id for one in found[: len(found) * 4 // 5]]
    collection.accept(actor=ACTOR, collection_id=made, answer_ids=accepted if without else None)
    return found


def _entered(luck: Random, known: dict[str, Any], scale: int) -> dict[str, str]:
    """What a school fills itself: areas and rooms of its own."""
    area = int(known.get("1!B10") or luck.randint(42, 190) * 100) + scale * luck.choice((0, 0, 0, 120))
    rooms = int(known.get("1!H10") or luck.randint(18, 60))
    return {
        "1!B10": str(area),
        "1!E10": "0",
        "1!H10": str(rooms),
        "1!B4": str(luck.randint(1, 3)),
        "1!B5": "0",
        "1!B6": "1",
    }


def _names(schools: Iterable[Any]) -> dict[tuple[Any, str], str]:
    rows = apps.get_model("registry", "Duty").objects.filter(
        organisation__in=schools, kind__in=("school_admin", "principal"), valid_to=None
    )  # fmt: skip
    return {(school, kind): name for school, kind, name in rows.values_list("organisation_id", "kind", "person__name")}


def _set_back(made: Any, ago: timedelta, span: timedelta) -> None:
    """As if the table had gone out so long ago, for ``span``, and been answered over that time; the desks' dates follow."""
    sheets, answers, steps, reports = (
        apps.get_model("collection", name).objects for name in ("Collection", "Answer", "Step", "Report")
    )
    one = sheets.get(id=made)
    one.published_at -= ago
    one.deadline = one.published_at + span
    one.ended_at = one.deadline + timedelta(hours=3) if one.ended_at else None
    one.reminded_for = one.deadline
    one.save(update_fields=["published_at", "deadline", "ended_at", "reminded_for"])
    steps.filter(collection=made).update(at=one.published_at)
    rows = list(answers.filter(collection=made).order_by("school__code"))
    for at, row in enumerate(rows):
        moment = one.published_at + span * (at + 1) / (len(rows) + 1)
        row.asked_at = one.published_at
        row.reported_at = moment if row.reported_at else None
        row.changed_at = moment if row.changed_at else None
    answers.bulk_update(rows, ["asked_at", "reported_at", "changed_at"])
    for row in rows:
        if row.reported_at:
            reports.filter(answer=row).update(signed_at=row.reported_at)
            steps.filter(answer=row).update(at=row.reported_at)
    apps.get_model("inbox", "Todo").objects.filter(
        module="collection", key__in=[f"answer:{row.id}" for row in rows]
    ).update(due_at=one.deadline)  # fmt: skip


def province_table() -> bytes:
    """The table of the pictures: merged heads, formulas, entered cells open, the rest protected."""
    out = io.BytesIO()
    book: Any = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("基本情况")
    frame = {"border": 1, "align": "center", "valign": "vcenter"}
    big, label, given, computed = (
        book.add_format(one)
        for one in (
            {"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"}, {**frame, "bold": True, "bg_color": "#F2F5F7"},
            {**frame, "locked": False}, {**frame, "bg_color": "#EEEEEE"},
        )
    )  # fmt: skip
    sheet.set_column("A:A", 16)
    sheet.set_column("B:H", 10)
    sheet.set_column("I:I", 22)
    sheet.set_row(0, 34)
    sheet.merge_range("A1:I1", TITLE, big)
    sheet.write("A2", "填报单位", label)
    sheet.merge_range("B2:E2", "", given)
    sheet.write("F2", "学校代码", label)
    sheet.write_blank("G2", None, given)
    sheet.merge_range("H2:I2", "单位：人、个", label)
    for area, text in (
        ("A3:A4", "学段"),
        ("B3:B4", "班数"),
        ("C3:E3", "在校学生"),
        ("F3:H3", "其中"),
        ("I3:I4", "备注"),
    ):
        sheet.merge_range(area, text, label)
    for cell, text in zip(
        ("C4", "D4", "E4", "F4", "G4", "H4"), ("男", "女", "计", "寄宿", "随迁", "留守"), strict=True
    ):
        sheet.write(cell, text, label)
    for row, stage in enumerate(STAGES, 5):
        sheet.write(f"A{row}", stage, label)
        for column in "BCDFGHI":
            sheet.write_blank(f"{column}{row}", None, given)
        sheet.write_formula(f"E{row}", f"=C{row}+D{row}", computed, 0)
    sheet.write("A8", "合计", label)
    for column in "BCDEFGH":
        sheet.write_formula(f"{column}8", f"=SUM({column}5:{column}7)", computed, 0)
    sheet.write_blank("I8", None, computed)
    for row, texts in (
        (9, ("专任教师", "在编教职工", "教职工")),
        (10, ("校舍面积（㎡）", "危房面积（㎡）", "多媒体教室（间）")),
    ):
        sheet.write(f"A{row}", texts[0], label)
        sheet.merge_range(f"C{row}:D{row}", texts[1], label)
        sheet.merge_range(f"F{row}:G{row}", texts[2], label)
        for column in "BEH":
            sheet.write_blank(f"{column}{row}", None, given)
        sheet.write_blank(f"I{row}", None, given)
    sheet.protect()
    book.close()
    return out.getvalue()


def heating_table() -> bytes:
    """A county's short table."""
    out = io.BytesIO()
    book: Any = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("自查")
    label, given = (book.add_format(one) for one in ({"border": 1, "bold": True}, {"border": 1, "locked": False}))
    sheet.set_column("A:A", 28)
    sheet.set_column("B:C", 16)
    sheet.merge_range("A1:C1", HEATING, label)
    sheet.write("A2", "学校名称", label)
    sheet.merge_range("B2:C2", "", given)
    sheet.write_row("A3", ("项目", "个数", "备注"), label)
    for row, text in enumerate(("锅炉（台）", "漏水、老化的管道（处）", "整改完成（处）"), 4):
        sheet.write(f"A{row}", text, label)
        sheet.write_blank(f"B{row}", None, given)
        sheet.write_blank(f"C{row}", None, given)
    sheet.protect()
    book.close()
    return out.getvalue()
