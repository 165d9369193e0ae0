"""Papers and forms as PDF: data in, tagged A4 out. Always in Chinese: they go to Chinese desks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from lingqu.kernel import crypto
from lingqu.kernel.language import writing_to
from lingqu.kernel.printing import pdf_of, qr_svg
from lingqu.ui.figures import day, moment

from ..models import Paper
from ..types.words import PaperKind

PAPER, FORM = (Path(__file__).with_name(name) for name in ("paper.typ", "form.typ"))


def address_of(paper: Paper) -> str:
    """What the QR code opens: the public page that says whether number and code are genuine."""
    return f"{settings.PUBLIC.geturl()}/verify/papers?number={paper.number}&code={paper.check_code}"


def paper_pdf(paper: Paper, platform: str) -> bytes:
    with writing_to():
        facts, number = paper.facts, crypto.unseal_fields(paper.sealed).get("register_number", "")
        data = {
            "title": str(PaperKind(paper.kind).label), "number": paper.number, "check": paper.check_code,
            "platform": platform, "body": _body(paper.kind, facts, number), "rows": _rows(facts, number),
            "purpose": paper.purpose, "school": facts["school"], "issued": day(paper.issued_at),
            "by": paper.issued_by or _("平台按登记自动出具"), "until": day(paper.valid_until),
            "revoked": _("已作废") if paper.revoked_at else "", "qr": qr_svg(address_of(paper)), "words": _words(),
        }  # fmt: skip
    return pdf_of(PAPER, data)


def _body(kind: str, facts: dict[str, str], number: str) -> str:
    words = {**facts, "number": number, "birth": _long(facts["birth_date"]), "begun": _long(facts["since"])}
    if kind == PaperKind.STUDY:
        return (
            _("兹证明%(name)s，%(sex)s，%(birth)s出生，自%(begun)s起在我校就读，现为%(grade)s%(class)s学生。特此证明。")
            % words
        )
    words["seen"] = _long(facts["as_of"])
    return (
        _(
            "兹证明%(name)s，%(sex)s，%(birth)s出生，学籍在%(register_school)s，学籍号 %(number)s，学籍状态为“%(state)s”"
            "（国家学籍系统%(seen)s的数据）。特此证明。"
        )
        % words
    )


def _long(text: str) -> str:
    if not text:
        return _("（未登记日期）")
    found = date.fromisoformat(text)
    return f"{found.year}年{found.month}月{found.day}日"


def _rows(facts: dict[str, str], number: str) -> list[list[str]]:
    return [
        [_("姓名"), facts["name"], _("性别"), facts["sex"]],
        [_("出生日期"), facts["birth_date"] or "—", _("学籍号"), number or "—"],
        [_("就读学校"), facts["school"], _("年级和班级"), f"{facts['grade']} {facts['class']}".strip() or "—"],
    ]


def _words() -> dict[str, str]:
    return {
        "number": _("编号"), "check": _("核验码"), "brand": _("灵渠"), "seal": _("（学校公章）"), "qr": _("核验二维码"),
        "purpose": _("用途"), "until": _("有效期至"), "by": _("出具"), "day": _("日期"),
        "foot": _("扫码，或在平台“核验证明”页输入编号和核验码，可以核对真伪。"),
    }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A field of a form for an opinion with signature, seal and day."""

    title: str
    seal: str
    opinion: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """An official form: rows of label and value (four cells, or two that fill the line) and boxes for opinions."""

    title: str
    number: str
    rows: Sequence[Sequence[str]]
    boxes: Sequence[Box]
    note: str = ""
    code: str = ""
    address: str = ""
    """What a QR code on the form opens; empty: none."""


def form_pdf(form: Form, platform: str, printed: Any) -> bytes:
    with writing_to():
        data = {
            "title": form.title, "number": form.number, "platform": platform, "rows": [list(row) for row in form.rows],
            "boxes": [{"title": box.title, "seal": box.seal, "opinion": box.opinion} for box in form.boxes],
            "note": form.note, "printed": moment(printed), "check": form.code,
            "qr": qr_svg(form.address) if form.address else "",
            "words": {
                "number": _("编号"), "check": _("核验码"), "brand": _("灵渠"), "sign": _("经办人（签字）："), "chief": _("负责人（签字）："),
                "day": _("年　　月　　日"), "qr": _("核验二维码"), "printed": _("打印时间"),
            },
        }  # fmt: skip
    return pdf_of(FORM, data)


def transfer_form(*, number: str, rows: Sequence[Sequence[str]], opinions: Sequence[str] = ("", "", "", "")) -> Form:
    """转学联系表: four opinions with seals, in the order of the national system."""
    with writing_to():
        titles = (_("转入学校意见"), _("转入学校主管部门意见"), _("转出学校意见"), _("转出学校主管部门意见"))
        seals = (_("（转入学校公章）"), _("（转入主管部门公章）"), _("（转出学校公章）"), _("（转出主管部门公章）"))
        note = _("本表一式四份，两校和两地主管部门各存一份。学籍以国家学籍系统办结为准。")
        return Form(title=_("转学联系表"), number=number, rows=rows, note=note, boxes=tuple(
            Box(title=title, seal=seal, opinion=opinion)
            for title, seal, opinion in zip(titles, seals, opinions, strict=True)
        ))  # fmt: skip


def pause_form(
    *, number: str, rows: Sequence[Sequence[str]], is_return: bool, opinions: Sequence[str] = ("", "", "")
) -> Form:
    """休学审批表 or 复学审批表: guardian, school, office."""
    with writing_to():
        titles = (_("监护人意见"), _("学校意见"), _("主管部门意见"))
        seals = (_("（监护人签字）"), _("（学校公章）"), _("（主管部门公章）"))
        note = _("本表学校和主管部门各存一份。学籍状态以国家学籍系统登记为准。")
        title = _("复学审批表") if is_return else _("休学审批表")
        return Form(title=title, number=number, rows=rows, note=note, boxes=tuple(
            Box(title=one, seal=seal, opinion=opinion) for one, seal, opinion in zip(titles, seals, opinions, strict=True)
        ))  # fmt: skip
