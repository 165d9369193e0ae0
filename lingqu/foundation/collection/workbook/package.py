"""The package of an XLSX: checked by its index before a byte is unpacked, its parts parsed without entities."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from lxml import etree

from lingqu.kernel.errors import Invalid

MOST_BYTES, MOST_UNPACKED, MOST_PARTS, MOST_RATIO, RATIO_FROM = 10 << 20, 60 << 20, 400, 150, 2 << 20
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
OLE = b"\xd0\xcf\x11\xe0"
S = f"{{{MAIN}}}"


def refuse(code: str, text: str) -> Invalid:
    return Invalid(text, code=code, details={"file": text})


@dataclass(slots=True)
class Package:
    """The parts of one file by name; ``sheets``: (title, state, part) in the order of the workbook."""

    parts: dict[str, bytes]
    order: list[zipfile.ZipInfo] = field(default_factory=list)
    sheets: list[tuple[str, str, str]] = field(default_factory=list)
    is_1904: bool = False

    def tree(self, part: str) -> Any:
        return parse_xml(self.parts[part])

    def saved(self, changed: Mapping[str, bytes]) -> bytes:
        """The file with some parts replaced; every other part byte for byte, in its place."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry in self.order:
                made = zipfile.ZipInfo(entry.filename, entry.date_time)
                made.compress_type, made.external_attr = zipfile.ZIP_DEFLATED, entry.external_attr
                archive.writestr(made, changed.get(entry.filename, self.parts[entry.filename]))
        return out.getvalue()


def parse_xml(data: bytes) -> Any:
    """A tree of a part. Raises :class:`Invalid` for broken XML and for any document type."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise refuse("damaged", _("文件已损坏，打不开。请用 Excel 或 WPS 打开后另存为 xlsx 再上传。")) from error
    if root.getroottree().docinfo.doctype:
        raise refuse("damaged", _("文件里有不允许的内容（文档类型声明），不能使用。"))
    return root


def open_package(content: bytes) -> Package:
    """Read and check. Raises :class:`Invalid` with the reason: no XLSX, macros, password, bomb, damaged."""
    if len(content) > MOST_BYTES:
        raise refuse("too_large", _("文件超过 10 MB，请去掉图片等无关内容再上传。"))
    if content.startswith(OLE):
        raise refuse("old_or_locked", _("这是旧格式（xls）或带打开密码的文件。请去掉密码，另存为 xlsx 再上传。"))
    made = _unpacked(content)
    if any(name.lower().endswith("vbaproject.bin") for name in made.parts):
        raise refuse("macros", _("文件里有宏，不能使用。请另存为不带宏的 xlsx 再上传。"))
    if "xl/workbook.xml" not in made.parts:
        raise refuse("not_xlsx", _("这不是 xlsx 工作簿。"))
    _read_sheets(made)
    return made


def _unpacked(content: bytes) -> Package:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check_index(entries)
            parts, room = {}, MOST_UNPACKED
            for entry in entries:
                with archive.open(entry) as source:
                    parts[entry.filename] = source.read(room + 1)
                room -= len(parts[entry.filename])
                if room < 0:
                    raise refuse("zip_bomb", _("文件解开以后太大，不能使用。"))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, RuntimeError) as error:
        raise refuse("not_xlsx", _("这不是 xlsx 工作簿，或文件已损坏。")) from error
    except zipfile.zlib.error as error:  # type: ignore[attr-defined]
        raise refuse("damaged", _("文件已损坏，打不开。")) from error
    return Package(parts=parts, order=entries)


def _check_index(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    if len(names) > MOST_PARTS or len(set(names)) != len(names):
        raise refuse("zip_entries", _("文件的组成部分太多或重名，不能使用。"))
    total, packed = sum(one.file_size for one in entries), sum(one.compress_size for one in entries) or 1
    if total > MOST_UNPACKED or (total > RATIO_FROM and total / packed > MOST_RATIO):
        raise refuse("zip_bomb", _("文件解开以后太大，不能使用。"))
    if any(name.startswith("/") or "\\" in name or ".." in name.split("/") for name in names):
        raise refuse("zip_path", _("文件里的路径不正确，不能使用。"))
    if any(entry.flag_bits & 1 for entry in entries):
        raise refuse("password", _("文件带密码，请去掉密码再上传。"))


def _read_sheets(made: Package) -> None:
    root = made.tree("xl/workbook.xml")
    if root.tag == f"{{{STRICT}}}workbook":
        raise refuse("strict", _("这是“Strict Open XML”格式，请另存为普通的 xlsx 再上传。"))
    links = {}
    for one in made.tree("xl/_rels/workbook.xml.rels").iter(f"{{{PACKAGE}}}Relationship") if (
        "xl/_rels/workbook.xml.rels" in made.parts
    ) else ():  # fmt: skip
        if one.get("TargetMode") != "External":
            target = one.get("Target") or ""
            links[one.get("Id")] = (
                target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            )  # fmt: skip
    properties = root.find(f"{S}workbookPr")
    made.is_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    for one in root.iter(f"{S}sheet"):
        part = links.get(one.get(f"{{{RELATED}}}id"), "")
        root_of = made.tree(part) if part in made.parts else None
        if root_of is None or root_of.tag != f"{S}worksheet" or root_of.find(f"{S}sheetData") is None:
            raise refuse("chartsheet", _("工作表“%(name)s”不是普通的表，不能使用。") % {"name": one.get("name")})
        made.sheets.append((one.get("name") or "", one.get("state") or "visible", part))
    if not 1 <= len(made.sheets) <= 30:
        raise refuse("sheets", _("工作簿要有 1 至 30 张工作表。"))
