"""Data in, tagged A4 PDF out. Nothing of the data is ever evaluated as markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from lingqu.kernel.printing import pdf_of, qr_svg

TEMPLATE = Path(__file__).with_name("sheet.typ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """``parts``: title, head, rows, foot, bold and left columns of each part; ``facts``: pairs of label and value."""

    number: str
    check_code: str
    title: str
    sub: str
    platform: str
    facts: Sequence[tuple[str, str]]
    parts: Sequence[dict[str, Any]]
    clerk: str
    state: str
    printed: str
    digest: str


def address_of(number: str, code: str) -> str:
    """What the QR code opens: the public page that says whether number and code are genuine."""
    return f"{settings.PUBLIC.geturl()}/verify/sheets?number={number}&code={code}"


def as_pdf(sheet: Printed) -> bytes:
    data = {
        "number": sheet.number, "check": sheet.check_code, "title": sheet.title, "sub": sheet.sub,
        "platform": sheet.platform, "facts": [list(one) for one in sheet.facts], "parts": list(sheet.parts),
        "clerk": sheet.clerk, "state": sheet.state, "printed": sheet.printed, "digest": sheet.digest,
        "qr": qr_svg(address_of(sheet.number, sheet.check_code)), "words": _words(),
    }  # fmt: skip
    return pdf_of(TEMPLATE, data)


def _words() -> dict[str, str]:
    return {
        "number": _("编号"), "check": _("核验码"), "brand": _("灵渠"), "clerk": _("经办人："), "head": _("校长（签字）："),
        "date": _("日期："), "day": _("年　　月　　日"), "school_seal": _("（学校公章）"), "reviewer": _("审核人："),
        "chief": _("负责人（签字）："), "bureau_seal": _("（主管部门公章）"), "qr": _("核验二维码"),
        "foot": _("扫码核验本单与平台数据是否一致。本单确认后数据冻结，更正须另出更正单。"),
        "plain": _("不含学生个人信息。"), "digest": _("合计摘要"), "page": _("第 {page} 页，共 {pages} 页"),
    }  # fmt: skip
