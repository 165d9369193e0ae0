"""What a file's reader has to say about a cell."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

BLOCK, REVIEW, HINT = "block", "review", "hint"
SEVERITY_OF = {
    "no_weekdays": BLOCK, "no_class": BLOCK, "unknown_subject": BLOCK, "unknown_period": BLOCK, "twice": BLOCK,
    "unknown_teacher": REVIEW, "namesakes": REVIEW, "nobody": REVIEW, "not_teaching": REVIEW, "class_missing": HINT,
    "not_understood": HINT, "unknown_room": REVIEW, "unknown_room_alone": REVIEW,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """``block``: the cell was not written; ``review``: written and to be checked; ``hint``: only said. ``owner`` must fix
    it: ``file`` (who made the grid), ``teaching`` (任课安排), ``register`` (名册)."""

    severity: str
    rule: str
    sheet: str
    cell: str
    value: str
    message: str
    owner: str

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


def finding(rule: str, *, sheet: str, cell: str = "", value: str = "", **facts: Any) -> Finding:
    sentences = {
        "no_weekdays": (_("这张表里没有认出星期和节次，没有读入。"), "file"),
        "no_class": (_("没有看出这张表是哪个班的课表，请把班级写在工作表名或标题里。"), "file"),
        "unknown_subject": (_("没有认出学科，这一格没有写入。"), "file"),
        "unknown_period": (_("作息里没有这一节，这一格没有写入。"), "file"),
        "twice": (_("%(other)s 已经写了这个班的这一节，这一格没有写入。"), "file"),
        "unknown_teacher": (_("本校没有叫这个名字的教师，课已写入，教师空着。"), "register"),
        "namesakes": (_("本校有 %(count)s 位叫“%(name)s”的教师，任课里也分不出，课已写入，教师空着。"), "teaching"),
        "nobody": (_("格子里没有教师，任课里也没有，课已写入，教师空着。"), "teaching"),
        "not_teaching": (_("任课里没有“%(name)s”教这个班的%(subject)s，课已写入。"), "teaching"),
        "class_missing": (_("文件里没有这个班，它的课保持原样。"), "file"),
        "unknown_room": (_("本校登记的房间里没有“%(name)s”，最接近的是“%(nearest)s”，课已写入，请核对教室。"), "file"),
        "unknown_room_alone": (_("本校登记的房间里没有“%(name)s”，课已写入，请核对教室或先登记房间。"), "file"),
        "not_understood": (_("这几个字没有看懂，其余内容已写入。"), "file"),
    }
    text, owner = sentences[rule]
    return Finding(
        severity=SEVERITY_OF[rule], rule=rule, sheet=sheet, cell=cell, value=value[:80], message=text % facts if facts else text,
        owner=owner,
    )  # fmt: skip
