"""A BPMN 2.0 file as a tree that loses nothing: what is read is written again, whatever other tools put into it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bpmn_io import layout_process
from django.utils.translation import gettext as _
from lxml import etree

from lingqu.kernel.errors import Invalid, TooLarge

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
LQ = "urn:lingqu:workflow:1"
"""Namespace of our extension attributes and elements, prefix ``lq``."""
XSI = "http://www.w3.org/2001/XMLSchema-instance"
MOST_BYTES = 2 * 1024 * 1024
MOST_ELEMENTS = 20_000
NAMESPACES = {"bpmn": BPMN, "bpmndi": BPMNDI, "dc": DC, "di": DI, "lq": LQ, "xsi": XSI}


def tag(name: str, namespace: str = BPMN) -> str:
    return f"{{{namespace}}}{name}"


def kind_of(element: etree._Element) -> str:
    """``userTask`` for an element of BPMN; empty for comments and elements of others."""
    return str(element.tag).removeprefix(f"{{{BPMN}}}") if str(element.tag).startswith(f"{{{BPMN}}}") else ""


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file. ``root`` is its ``definitions``."""

    root: etree._Element

    def write(self) -> bytes:
        """The file again, in UTF-8: same elements, attributes, texts and comments."""
        made: bytes = etree.tostring(self.root.getroottree(), xml_declaration=True, encoding="UTF-8")
        return made

    def processes(self) -> list[etree._Element]:
        return list(self.root.findall(tag("process")))

    def main_process(self) -> etree._Element | None:
        """The one that runs: marked executable, or the only one; None when the file does not tell."""
        found = self.processes()
        marked = [one for one in found if one.get("isExecutable") in ("true", "1")] or found
        return marked[0] if len(marked) == 1 else None

    def by_id(self) -> dict[str, etree._Element]:
        return {one.get("id", ""): one for one in self.root.iter(tag("*")) if one.get("id")}

    def has_diagram(self) -> bool:
        return next(self.shapes(), None) is not None

    def shapes(self) -> Iterator[etree._Element]:
        return self.root.iter(tag("BPMNShape", BPMNDI))


def read(content: bytes) -> Document:
    """The document of a file. Raises :class:`Invalid` with the line when it is no BPMN 2.0."""
    if len(content) > MOST_BYTES:
        raise TooLarge(_("流程文件最大 %(n)d MB。") % {"n": MOST_BYTES // 1024 // 1024})
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        line = getattr(error, "lineno", None) or 1
        raise Invalid(
            _("第 %(line)d 行起不是完整的 XML，文件可能没有下载完整。") % {"line": line}, code="not_xml"
        ) from error
    if root.getroottree().docinfo.doctype:
        raise Invalid(_("流程文件里不能有文档类型声明（DOCTYPE）。"), code="doctype")
    if root.tag != tag("definitions"):
        raise Invalid(_("这不是 BPMN 2.0 流程文件：最外层应当是 definitions。"), code="not_bpmn")
    if sum(1 for _one in root.iter()) > MOST_ELEMENTS:
        raise TooLarge(_("流程文件的元素超过 %(n)d 个。") % {"n": MOST_ELEMENTS})
    return Document(root)


def drawn(document: Document) -> Document:
    """The document with a diagram: its own, or one laid out from the logic. Nothing but the diagram is added."""
    if document.has_diagram():
        return document
    laid = read(layout_process(etree.tostring(document.root, encoding="unicode")).encode())
    diagrams = laid.root.findall(tag("BPMNDiagram", BPMNDI))
    copy = read(document.write())
    for old in copy.root.findall(tag("BPMNDiagram", BPMNDI)):
        copy.root.remove(old)
    copy.root.extend(diagrams)
    return copy
