"""What a confirmation sheet says: its parts, the blocks the principal ticks, its digest and check code."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import crypto
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden, NotFound
from lingqu.kernel.language import listed

from .. import policies, register
from ..models import Round, Sheet, Snapshot, SnapshotClass, SnapshotSchool
from ..tables import SHEET_TABLES
from .figures import Filled, Scope, list_tables

SCHOOL_KINDS = ("school", "teaching_point")
EMPLOYMENT = (
    ("established", ("established",)), ("filed", ("filed",)), ("contract", ("agency", "contract")),
    ("substitute", ("substitute",)), ("rotation", ("rotation", "volunteer", "itinerant", "seconded")),
    ("other", ("special_post", "silver_age", "unknown")),
)  # fmt: skip
LARGEST = 45


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One block of the sheet. ``bold`` columns are sums; ``foot`` is the line of totals. ``left`` columns hold words."""

    code: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    foot: tuple[str, ...] = ()
    bold: tuple[int, ...] = ()
    left: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A class with its size as frozen."""

    class_id: UUID
    name: str
    grades: tuple[str, ...]
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of a sheet; ``before`` is None when there is nothing to compare with."""

    snapshot_id: UUID
    taken_on: Any
    tables: dict[str, Filled]
    classes: int
    pupils: int
    staff: int
    full_time: int
    before: int | None
    before_on: Any
    changes: dict[str, int]
    large: tuple[tuple[str, int, int], ...]
    rooms: tuple[Room, ...]
    seated: int
    name: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What the principal must have looked at. ``table``: where the names behind it stand."""

    code: str
    text: str
    detail: str = ""
    table: str = ""


def school_in(round_: Round, code: str) -> Any:
    """The school of the round; :class:`Forbidden` for anything else."""
    found = register.organisations().filter(code=code, kind__in=SCHOOL_KINDS, path__within=str(round_.path))
    school = found.select_related("parent").first() if code else None
    if school is None:
        raise Forbidden()
    return school


def figures_of(snapshot: Snapshot, path: str) -> Figures:
    """Read from frozen rows only. Raises :class:`NotFound` when the school is not in the snapshot."""
    row = SnapshotSchool.objects.filter(snapshot=snapshot, path=path).select_related("previous").first()
    if row is None:
        raise NotFound(_("这所学校不在快照里。"))
    tables = list_tables(Scope(snapshot=snapshot, path=path), SHEET_TABLES)
    previous = row.previous
    before = None
    if previous is not None:
        then = SnapshotSchool.objects.filter(snapshot=previous, school_id=row.school_id).first()
        if then is not None:
            before = list_tables(Scope(snapshot=previous, path=str(then.path)), ("grades",))["grades"].value("total")
    rooms = SnapshotClass.objects.filter(snapshot=snapshot, school_id=row.school_id).order_by("-size", "name")
    held = list(rooms.values_list("class_id", "name", "size", "grades"))
    sized = [(name, size, grades) for _id, name, size, grades in held]
    return Figures(
        snapshot_id=snapshot.id, taken_on=snapshot.taken_on, tables=tables, classes=tables["sizes"].value("total"),
        pupils=tables["grades"].value("total"), staff=tables["employment"].value("total"),
        full_time=tables["employment"].value("full_time"), before=before,
        before_on=previous.taken_on if previous is not None else None,
        changes={line.key: line.cells[0] - line.cells[1] for line in tables["changes"].lines},
        large=tuple(
            (name, size, registry.norm_of(grades, row.schooling))
            for name, size, grades in sized
            if size > LARGEST
        ),
        rooms=tuple(
            Room(class_id=class_id, name=name, grades=tuple(grades), size=size)
            for class_id, name, size, grades in sorted(held, key=lambda one: (min(one[3], default=""), len(one[1]), one[1]))
        ),
        seated=sum(size for _name, size, _grades in sized),
        name=row.name, code=row.code,
    )  # fmt: skip


def numbers_of(snapshot: Snapshot, path: str) -> dict[str, Any]:
    """Every number that the sheet prints, without words: what its digest covers."""
    found = figures_of(snapshot, path)
    numbers: dict[str, Any] = {
        code: {
            "columns": [name for name, _label in one.columns],
            "lines": [[line.key, *line.cells] for line in one.lines],
        }
        for code, one in found.tables.items()
    }
    return {**numbers, "school": found.code, "day": found.taken_on.isoformat(), "before": found.before}


def digest_of(snapshot: Snapshot, path: str) -> str:
    """SHA-256 over every figure that a sheet prints."""
    text = json.dumps(numbers_of(snapshot, path), ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def check_code(number: str, digest: str) -> str:
    """``7F3C-91A2``: keyed, so that nobody outside can make one."""
    code = crypto.imprint("statistics.sheet", f"{number}|{digest}").hex()[:8].upper()
    return f"{code[:4]}-{code[4:]}"


def find_genuine(number: str, code: str) -> Sheet | None:
    """The sheet with this number if the check code is its own."""
    sheet = Sheet.objects.filter(number=number[:40].strip().upper()).first()
    given = code.replace("-", "").strip().upper()
    return sheet if sheet is not None and sheet.check_code.replace("-", "") == given else None


def n(value: int) -> str:
    return f"{value:,}"


def signed(value: int) -> str:
    return f"＋{value:,}" if value > 0 else f"−{-value:,}" if value < 0 else "0"


def parts_of(found: Figures, note: str = "") -> list[Part]:
    """The five parts, in words and figures, for the page and for the print."""
    return [_pupils(found), _attendance(found), _sizes(found), _staff(found), _comparison(found, note)]


def _pupils(found: Figures) -> Part:
    grades, classes = found.tables["grades"], found.tables["classes"]
    shown = [code for code, _label in grades.columns if code != "home_taught"]
    labels = dict(grades.columns)
    keys = [line.key for line in grades.lines] + [
        line.key for line in classes.lines if line.key not in {one.key for one in grades.lines}
    ]
    names = {line.key: line.label for line in (*classes.lines, *grades.lines)}
    rows = tuple(
        (names[key], n(classes.value("total", key)), *(n(grades.value(code, key)) for code in shown)) for key in keys
    )
    foot = (_("合计"), n(found.classes), *(n(grades.value(code)) for code in shown))
    return Part(
        code="pupils", title=_("一、学生"), head=(_("年级"), _("班数"), *(labels[code] for code in shown)), rows=rows,
        foot=foot, left=(0,),
    )  # fmt: skip


def _attendance(found: Figures) -> Part:
    table = found.tables["attendance"]
    return Part(
        code="attendance", title=_("二、学籍与就读"), head=tuple(label for _code, label in table.columns),
        rows=(tuple(map(n, table.total)),), bold=(len(table.columns) - 2, len(table.columns) - 1),
    )  # fmt: skip


def _sizes(found: Figures) -> Part:
    table = found.tables["sizes"]
    average = f"{found.seated / found.classes:.1f}" if found.classes else "—"
    return Part(
        code="sizes", title=_("三、班额"), head=(*(label for _code, label in table.columns[:-1]), _("合计"), _("平均")),
        rows=((*map(n, table.total), average),), bold=(len(table.columns) - 1,),
    )  # fmt: skip


def _staff(found: Figures) -> Part:
    table = found.tables["employment"]
    labels = {
        "established": _("在编"), "filed": _("备案制"), "contract": _("合同（派遣）"), "substitute": _("代课"),
        "rotation": _("交流轮岗（来）"), "other": _("其他"),
    }  # fmt: skip
    cells = [(labels[code], sum(table.value("total", kind) for kind in kinds)) for code, kinds in EMPLOYMENT]
    cells = [one for one in cells if one[0] != labels["other"] or one[1]]
    return Part(
        code="staff", title=_("四、教职工"), head=(*(label for label, _n in cells), _("合计"), _("其中专任教师")),
        rows=((*(n(value) for _label, value in cells), n(found.staff), n(found.full_time)),),
        bold=(len(cells), len(cells) + 1),
    )  # fmt: skip


def _comparison(found: Figures, note: str) -> Part:
    named = {"11": _("招生"), "13": _("转入"), "27": _("转出"), "23": _("休学"), "12": _("复学"), "21": _("毕业")}
    shown = [code for code in named if code in found.changes or code not in ("11", "21")]
    others = sum(value for code, value in found.changes.items() if code not in named)
    is_new = found.before is None
    title = (
        _("五、与上次相比（没有上次数据）")
        if is_new
        else _("五、与上次（%(day)s）相比") % {"day": found.before_on.isoformat()}
    )
    cells = [(named[code], "—" if is_new else signed(found.changes.get(code, 0))) for code in shown]
    if others or any(code not in named for code in found.changes):
        cells.append((_("其他增减"), signed(others)))
    head = (_("上次在校生"), *(label for label, _v in cells), _("本次在校生"), _("更正说明"))
    row = ("—" if is_new else n(found.before or 0), *(value for _l, value in cells), n(found.pupils), note or _("无"))
    return Part(code="changes", title=title, head=head, rows=(row,), bold=(len(head) - 2,), left=(len(head) - 1,))


def blocks_of(sheet: Sheet, found: Figures | None = None) -> list[Block]:
    """What must be looked at before confirming."""
    found = found or figures_of(sheet.snapshot, str(sheet.path))
    grades, change = found.tables["grades"], found.changes
    if found.before is None:
        text, detail = _("在校生 %(n)s 人，没有上次数据可比") % {"n": n(found.pupils)}, ""
    else:
        text = _("在校生 %(n)s 人，上次 %(before)s 人，相差 %(d)s") % {
            "n": n(found.pupils), "before": n(found.before), "d": signed(found.pupils - found.before),
        }  # fmt: skip
        detail = listed(f"{line.label} {abs(change[line.key])}" for line in found.tables["changes"].lines)
    made = [
        Block(code="pupils", text=text, detail=detail, table="changes" if found.before is not None else "grades"),
        Block(
            code="staff", table="employment",
            text=_("教职工 %(n)s 人，专任 %(full)s 人") % {"n": n(found.staff), "full": n(found.full_time)},
        ),
        Block(
            code="attributes", table="grades",
            text=_("留守 %(left)s、随迁 %(migrant)s、寄宿 %(boarding)s") % {
                "left": n(grades.value("left_behind")), "migrant": n(grades.value("migrant")),
                "boarding": n(grades.value("boarding")),
            },
        ),
    ]  # fmt: skip
    if found.large:
        made.append(
            Block(
                code="sizes", table="sizes", text=_("%(n)d 个班超过 45 人") % {"n": len(found.large)},
                detail=listed(_("%(name)s %(size)d 人，标准 %(norm)d") % {"name": name, "size": size, "norm": norm}
                              for name, size, norm in found.large[:6]),
            )
        )  # fmt: skip
    else:
        made.append(Block(code="sizes", table="sizes", text=_("%(n)d 个班都不超过 45 人") % {"n": found.classes}))
    return made


def get_round(*, actor: Actor, round_id: UUID) -> Round:
    found = Round.objects.select_related("organisation", "snapshot").filter(id=round_id).first()
    if found is None:
        raise NotFound(_("没有这次数据确认。"))
    if not actor.has("statistics.sheet.view"):
        raise Forbidden()
    return found


def list_versions(*, actor: Actor, round_: Round, school: Any) -> list[Sheet]:
    """Sheets of a school in a round, the newest first."""
    policies.require_sheet_view(actor, str(school.path))
    found = Sheet.objects.filter(round=round_, school=school).select_related("snapshot", "school")
    return list(found.order_by("-version"))


def get_sheet(*, actor: Actor, sheet_id: UUID) -> Sheet:
    found = Sheet.objects.select_related("snapshot", "school__parent", "round__organisation", "round__snapshot")
    sheet = found.filter(id=sheet_id).first()
    if sheet is None:
        raise NotFound(_("没有这份确认单。"))
    policies.require_sheet_view(actor, str(sheet.path))
    return sheet


def territory_of(school: Any) -> str:
    """The name of the region in which the school sits."""
    if school.territory_path is None:
        return ""
    found: str | None = (
        register.organisations().filter(path=str(school.territory_path)).values_list("name", flat=True).first()
    )
    return found or ""
