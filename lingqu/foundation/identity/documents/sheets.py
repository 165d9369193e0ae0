"""Slips as PDF: Typst with embedded Chinese fonts, QR codes as vectors."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from lingqu.kernel.printing import pdf_of, qr_svg

TEMPLATE = Path(__file__).with_name("slips.typ")
PER_PAGE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """One half of a row. Without a code it says in ``state`` why."""

    name: str
    kind: str
    line: str
    code: str
    login: str
    hint: str
    state: str = ""

    @property
    def address(self) -> str:
        """What the QR code opens: the page where the code is used."""
        return f"{settings.PUBLIC.geturl()}/activate?code={self.code.replace('-', '')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    left: Slip | None
    right: Slip | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A class or a school's staff: begins on a new page and counts its own pages."""

    name: str
    title: str
    sub: str
    rows: tuple[Row, ...]

    @property
    def pages(self) -> int:
        return -(-len(self.rows) // PER_PAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    title: str
    organisation: str
    valid: str
    groups: tuple[Group, ...]


def as_pdf(sheet: Sheet) -> bytes:
    """The sheet as a tagged A4 PDF."""
    data = {
        "title": sheet.title, "organisation": sheet.organisation, "valid": sheet.valid, "words": _words(),
        "groups": [
            {"name": group.name, "title": group.title, "sub": group.sub,
             "rows": [{"left": _half(row.left), "right": _half(row.right)} for row in group.rows]}
            for group in sheet.groups
        ],
    }  # fmt: skip
    return pdf_of(TEMPLATE, data)


def _half(slip: Slip | None) -> dict[str, str] | None:
    if slip is None:
        return None
    return {**asdict(slip), "qr": qr_svg(slip.address) if slip.code else ""}


def _words() -> dict[str, str]:
    return {
        "qr": _("开通码的二维码"),
        "login": _("登录名"),
        "once": _("每码限用一次"),
        "foot": _("丢失请告诉班主任，作废后重印。工作人员不会向你要开通码和密码。"),
        "page": _("{group} 第{page}页，共{pages}页"),
    }
