"""Sign-in figures of a place: by kind of people, and by what lies below it. Every number says what it counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.pages import Page, page_of

from .. import register
from ..types import rights
from ..types.values import FiguresLine, FiguresPage
from ..types.words import Part

ACTIVE_DAYS, DORMANT_DAYS = 30, 180
MOST_EXPORTED = 20_000
COLUMNS: tuple[tuple[str, str | Promise, str | Promise], ...] = (
    ("people", _("人数"), _("今天在这里就读、工作的人，以及在读学生的家长；已故的不算。在两处的人每处各算一次。")),
    ("opened", _("已建账号"), _("有账号的人，已注销的不算。导入名册时自动建立，不等于能登录。")),
    ("activated", _("已启用"), _("本人用开通码设过密码，或由上级平台、老师当面带入过。")),
    ("phone", _("手机已验证"), _("本人收到过短信验证码。名册里登记的手机号不算。")),
    ("email", _("邮箱已验证"), _("本人用过发到这个邮箱的链接。")),
    ("active", _("活跃"), _("30天内登录过，不论用什么方式。")),
    ("dormant", _("沉睡"), _("启用过，但180天没有登录。")),
)
"""Code, name and definition; the definitions stand on the page and in the file."""
_SUMS = ", ".join(f"sum(held.{code})" for code, _name, _text in COLUMNS)
_WITHIN = """
      FROM identity_signinfigures held JOIN registry_organisation place ON place.id = held.organisation_id
     WHERE place.path >= %(path)s::ltree AND place.path < (%(path)s || '-')::ltree
"""
_BY_PART = f"SELECT held.part, max(held.counted_at), {_SUMS} {_WITHIN} GROUP BY 1"
_BELOW = f"""SELECT ltree2text(subltree(place.path, 0, least(nlevel(place.path), %(level)s))), {_SUMS} {_WITHIN}
       AND (%(part)s = '' OR held.part = %(part)s) GROUP BY 1"""
_EACH = f"""SELECT coalesce(above.name, ''), place.name, coalesce(place.code, ''), held.part, {_SUMS}
      FROM identity_signinfigures held JOIN registry_organisation place ON place.id = held.organisation_id
      LEFT JOIN registry_organisation above ON above.id = place.parent_id
     WHERE place.path >= %(path)s::ltree AND place.path < (%(path)s || '-')::ltree
     GROUP BY place.path, 1, 2, 3, 4 ORDER BY place.path, held.part LIMIT {MOST_EXPORTED}"""  # noqa: S608


def home_code(actor: Actor) -> str:
    """Code of the outermost place whose figures the actor may see."""
    paths = actor.paths(rights.FIGURES_VIEW)
    place = register.organisations().filter(path__in=paths, code__isnull=False).order_by("path").first()
    if place is None:
        raise Forbidden
    return str(place.code)


def get_figures(*, actor: Actor, code: str, part: str = "", cursor: str = "", limit: int = 50) -> FiguresPage:
    """The figures of a place of the actor's; ``part`` narrows what stands below to one kind of people."""
    place = require_place(actor, code)
    counted, parts = _by_part(str(place.path))
    part = part if part in Part.values else ""
    chosen = [line for key, line in parts.items() if part in ("", key)]
    return FiguresPage(
        name=place.name, code=code, above=_above(actor, place), counted_at=counted, parts=tuple(parts.values()),
        below=_below(place, part, cursor, limit), total=_summed(chosen),
    )  # fmt: skip


def list_each(*, actor: Actor, code: str) -> tuple[tuple[Any, ...], ...]:
    """(what lies above, place, code, kind of people, figures …) of every place at and below ``code``, at most 20,000 rows."""
    place = require_place(actor, code)
    with connection.cursor() as cursor:
        cursor.execute(_EACH, {"path": str(place.path)})
        return tuple(cursor.fetchall())


def require_place(actor: Actor, code: str) -> Any:
    place = register.get_organisation(code)
    require(actor.holds(rights.FIGURES_VIEW, str(place.path)))
    return place


def _by_part(path: str) -> tuple[Any, dict[str, FiguresLine]]:
    with connection.cursor() as cursor:
        cursor.execute(_BY_PART, {"path": path})
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    empty = (None, *(0 for _column in COLUMNS))
    lines = {part.value: _line(str(part.label), rows.get(part.value, empty)[1:]) for part in Part}
    return max((row[0] for row in rows.values()), default=None), lines


def _below(place: Any, part: str, cursor: str, limit: int) -> Page[FiguresLine]:
    rows = register.organisations().filter(parent=place, closed_on=None)
    page = page_of(rows, order=("name_key", "id"), limit=limit, cursor=cursor)
    with connection.cursor() as used:
        path = str(place.path)
        used.execute(_BELOW, {"path": path, "level": path.count(".") + 2, "part": part})
        sums = {row[0]: row[1:] for row in used.fetchall()}
    nothing = (0,) * len(COLUMNS)
    items = [_line(row.name, sums.get(str(row.path), nothing), row.code or "") for row in page.items]
    if path in sums and (sums.keys() - {path}) and not cursor:
        items.insert(0, _line(gettext("本级"), sums[path]))
    return page.showing(items)


def _above(actor: Actor, place: Any) -> tuple[tuple[str, str], ...]:
    """(name, code) of the places above that the actor may see too, the outermost first."""
    labels = str(place.path).split(".")
    paths = [".".join(labels[:count]) for count in range(1, len(labels))]
    rows = register.organisations().filter(path__in=paths).order_by("path").values_list("name", "code", "path")
    return tuple((name, code) for name, code, path in rows if code and actor.holds(rights.FIGURES_VIEW, str(path)))


def _line(label: str, cells: Iterable[Any], code: str = "") -> FiguresLine:
    return FiguresLine(label=label, code=code, cells=tuple(int(cell or 0) for cell in cells))


def _summed(lines: Iterable[FiguresLine]) -> FiguresLine:
    return _line(gettext("合计"), map(sum, zip(*(line.cells for line in lines), strict=True)))
