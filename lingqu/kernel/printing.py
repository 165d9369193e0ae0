"""Printed pages: data in, tagged A4 PDF out, with embedded Chinese fonts; QR codes as vectors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn as fonts
import segno
import typst


def pdf_of(template: Path, data: Mapping[str, Any]) -> bytes:
    """The Typst ``template`` with ``data``, which it reads as JSON: nothing of the data is ever evaluated as markup."""
    made: bytes = typst.compile(
        str(template), font_paths=[str(Path(fonts.sans_path()).parent)], ignore_system_fonts=True, format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )  # fmt: skip
    return made


def qr_svg(text: str) -> str:
    """A QR code as SVG. Error correction M: crumpled paper still reads."""
    svg: str = segno.make_qr(text, error="m").svg_inline(border=0, scale=4, dark="#000", light="#fff", omitsize=True)
    return svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1) if "xmlns" not in svg else svg
