"""Class cards as PDF."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from lingqu.kernel.printing import pdf_of, qr_svg

TEMPLATE = Path(__file__).with_name("cards.typ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """``address`` is what its QR code says."""

    name: str
    line: str
    address: str


def as_pdf(title: str, organisation: str, cards: tuple[Card, ...]) -> bytes:
    """Ten cards a page, the size of a bank card."""
    data = {
        "title": title, "organisation": organisation,
        "words": {
            "qr": _("班级卡的二维码"),
            "use": _("机房上课时：先输老师的课堂登录码，再扫这张卡。"),
            "foot": _("只在本班老师开着课堂登录码时有用。丢了告诉班主任，作废后重印。"),
        },
        "cards": [{"name": card.name, "line": card.line, "qr": qr_svg(card.address)} for card in cards],
    }  # fmt: skip
    return pdf_of(TEMPLATE, data)
