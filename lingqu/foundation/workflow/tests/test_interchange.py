"""The files of the interchange group (../shared/data/bpmn): they open, come back unchanged, draw, and are judged by name."""

from pathlib import Path

import pytest
from lxml import etree

from lingqu.foundation.workflow.definition import document as documents
from lingqu.foundation.workflow.definition.compiler import compiled
from lingqu.foundation.workflow.definition.linter import lint
from lingqu.kernel.errors import Invalid, TooLarge

FOLDER = Path(__file__).resolve().parents[5] / "shared" / "data" / "bpmn"
FILES = sorted(FOLDER.glob("*.bpmn"))
CLEAN = {"A.1.0.bpmn"}
"""Those that run as they are; the others lack something, which the linter names."""

pytestmark = pytest.mark.skipif(not FILES, reason="../shared/data/bpmn is not here")


def _content(element: etree._Element, *, with_tails: bool = True) -> list[object]:
    """Everything that an element says: name, attributes, texts, comments, order (canonical XML refuses one file's names)."""
    return [
        (str(one.tag), sorted(one.attrib.items()), (one.text or "").strip(), (one.tail or "").strip() if with_tails else "")
        for one in element.iter()
    ]  # fmt: skip


def _same(left: etree._Element, right: etree._Element) -> bool:
    return _content(left) == _content(right) and [len(one) for one in left.iter()] == [len(one) for one in right.iter()]


def _logic(document: documents.Document) -> list[object]:
    copy = documents.read(document.write())
    for diagram in copy.root.findall(documents.tag("BPMNDiagram", documents.BPMNDI)):
        diagram.getparent().remove(diagram)
    return _content(copy.root, with_tails=False)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_read_is_written_again(path):
    read = documents.read(path.read_bytes())
    again = documents.read(read.write())
    assert _same(read.root, again.root)
    assert _same(etree.fromstring(path.read_bytes()), again.root)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_diagram_is_kept_and_a_missing_one_is_laid_out_without_touching_the_logic(path):
    read = documents.read(path.read_bytes())
    assert documents.drawn(read) is read
    for diagram in read.root.findall(documents.tag("BPMNDiagram", documents.BPMNDI)):
        read.root.remove(diagram)
    made = documents.drawn(read)
    assert made.has_diagram()
    assert _logic(made) == _logic(read)
    known = set(made.by_id())
    assert all(one.get("bpmnElement") in known for one in made.shapes())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_finding_names_an_element_of_the_file(path):
    read = documents.read(path.read_bytes())
    found = lint(read)
    assert (not found) == (path.name in CLEAN)
    for one in found:
        assert one.sentence
        if one.element_id:
            assert one.element_id in read.by_id()
            assert one.element_id in one.sentence


def _sentences(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in lint(documents.read((FOLDER / name).read_bytes())):
        found.setdefault(one.code, set()).add(one.element_id)
    return found


def test_known_faults_of_the_reference_files():
    assert set(_sentences("A.2.0.bpmn")) == {"no_condition"}
    assert len(_sentences("A.2.0.bpmn")["no_condition"]) == 3
    assert _sentences("C.9.1.bpmn") == {
        "no_handler": {"SendTask_RequestDocument", "SendTask_SendReminderEmail"},
        "no_participant": {"UserTask_CallCustomer"},
    }  # fmt: skip
    assert "dead_join" not in _sentences("C.1.1.bpmn")
    assert len(_sentences("C.6.0.bpmn")["unsupported"]) == 6


def test_a_process_of_several_runs_once_the_file_says_which():
    read = documents.read((FOLDER / "A.4.0.bpmn").read_bytes())
    assert {one.code for one in lint(read)} == {"no_process"}
    read.processes()[0].set("isExecutable", "true")
    read.processes()[1].set("isExecutable", "false")
    assert not lint(read)
    assert compiled(read).key == read.processes()[0].get("id")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_xml"),
        (b"PK\x03\x04zip", "not_xml"),
        (b"<a/>", "not_bpmn"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "doctype"),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p">', "not_xml"),
        ("<定义/>".encode("gb18030"), "not_xml"),
    ],
)
def test_other_files_are_refused_with_a_reason(content, code):
    with pytest.raises(Invalid) as refused:
        documents.read(content)
    assert refused.value.code == code and refused.value.message


def test_a_huge_file_is_refused():
    with pytest.raises(TooLarge):
        documents.read(b" " * (documents.MOST_BYTES + 1))
