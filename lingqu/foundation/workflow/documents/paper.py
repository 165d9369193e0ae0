"""The official form of a case on A4: data in, tagged PDF out. Nothing of the data is ever evaluated as markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.kernel.printing import pdf_of, qr_svg

TEMPLATE = Path(__file__).with_name("paper.typ")
LONG = 18
"""Answers longer than this get a row of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Opinion, signature and seal of a step; ``opinion`` and ``who`` are empty while it has not been done."""

    step: str
    opinion: str = ""
    who: str = ""
    day: str = ""
    seal: str = ""
    """Whose electronic seal takes the place of the stamp."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """``facts``: (label, answer) of the form; ``head``: number, applicant, place, day."""

    title: str
    number: str
    code: str
    place_code: str
    platform: str
    head: Sequence[tuple[str, str]]
    facts: Sequence[tuple[str, str]]
    boxes: Sequence[Box]
    foot: str
    state: str
    printed: str


def address_of(place_code: str, number: str, code: str) -> str:
    """What the QR code opens."""
    query = urlencode({"at": place_code, "number": number, "code": code})
    return f"{settings.PUBLIC.geturl()}{reverse('workflow:verify')}?{query}"


def as_pdf(paper: Printed) -> bytes:
    short = [fact for fact in paper.facts if len(fact[1]) <= LONG and "\n" not in fact[1]]
    long = [fact for fact in paper.facts if fact not in short]
    data = {
        "title": paper.title, "number": paper.number, "code": f"{paper.code[:5]}-{paper.code[5:]}", "platform": paper.platform,
        "head": [list(one) for one in paper.head], "short": [list(one) for one in short], "long": [list(one) for one in long],
        "boxes": [{"step": one.step, "opinion": one.opinion, "who": one.who, "day": one.day, "seal": one.seal} for one in paper.boxes],
        "foot": paper.foot, "state": paper.state, "printed": paper.printed,
        "qr": qr_svg(address_of(paper.place_code, paper.number, paper.code)), "words": _words(paper.place_code),
    }  # fmt: skip
    return pdf_of(TEMPLATE, data)


def _words(place_code: str) -> dict[str, str]:
    return {
        "number": _("编号"), "check": _("核验码"), "brand": _("灵渠"), "sign": _("签字："), "day": _("年　　月　　日"),
        "seal": _("（盖章）"), "sealed": _("电子印章"), "opinion": _("意见："), "qr": _("核验二维码"), "page": _("第 {page} 页，共 {pages} 页"),
        "verify": _("扫码核验真伪；也可在核验页填写单位代码 %(code)s、编号和核验码。") % {"code": place_code},
    }  # fmt: skip
