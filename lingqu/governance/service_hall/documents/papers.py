"""Papers as PDF: data in, tagged A4 out. Always in Chinese: they go to Chinese desks. Printed forms with seal boxes belong to
their case (``foundation/workflow``)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from lingqu.kernel import crypto
from lingqu.kernel.language import writing_to
from lingqu.kernel.printing import pdf_of, qr_svg
from lingqu.ui.figures import day

from ..models import Paper
from ..types.words import PaperKind

PAPER = Path(__file__).with_name("paper.typ")


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
    words["grade"] = "" if facts["class"] else facts["grade"]
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
