"""cmi5 courses: what is taken, and each reason for which one is refused."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from lingqu.learning.records.cmi5.package import Cmi5Refused, read_package
from lingqu.learning.records.cmi5.structure import NAMESPACE, read_course

DATA = Path(__file__).parents[5] / "shared" / "data" / "cmi5"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data/cmi5")


def words(text: str) -> str:
    one = f'<langstring lang="zh-CN">{text}</langstring>'
    return f"<title>{one}</title><description>{one}</description>"


def unit(name: str = "https://a.example/au/1", url: str = "index.html", attributes: str = "", more: str = "") -> str:
    return f'<au id="{name}" {attributes}>{words("单元")}<url>{url}</url>{more}</au>'


def block(inner: str, name: str = "https://a.example/block/1") -> str:
    return f'<block id="{name}">{words("单元组")}{inner}</block>'


def structure(inner: str, course: str = "https://a.example/course", objectives: str = "") -> bytes:
    head = f'<course id="{course}">{words("课程")}</course>{objectives}'
    return f'<?xml version="1.0"?><courseStructure xmlns="{NAMESPACE}">{head}{inner}</courseStructure>'.encode()


def objective(name: str) -> str:
    return f'<objective id="{name}">{words("目标")}</objective>'


def package(tmp_path: Path, files: dict[str, bytes], **how: int) -> Path:
    target = tmp_path / "course.zip"
    with zipfile.ZipFile(target, "w", **how) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target


def test_every_part_of_a_structure_is_read() -> None:
    more = "<launchParameters> a=1 </launchParameters><entitlementKey>k</entitlementKey>"
    attributes = 'moveOn="CompletedOrPassed" masteryScore=" 0.90" launchMethod="OwnWindow" activityType="x"'
    goals = f"<objectives>{objective('https://a.example/goal')}</objectives>"
    inner = block(unit(url="<![CDATA[ index.html?a=1&b=2 ]]>", attributes=attributes, more=more))
    course = read_course(structure(inner, objectives=goals))
    found = next(course.units())
    assert (found.url, found.move_on, found.mastery_score) == (
        "index.html?a=1&b=2",
        "CompletedOrPassed",
        Decimal("0.9"),
    )
    assert (found.launch_method, found.launch_parameters, found.entitlement_key) == ("OwnWindow", "a=1", "k")
    assert course.objectives[0].title == {"zh-CN": "目标"}
    plain = next(read_course(structure(unit())).units())
    assert (plain.move_on, plain.mastery_score, plain.launch_parameters) == ("NotApplicable", None, None)


GOALS = objective("urn:a:1")


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("cmi5_iri", structure(unit(), course="a.example/course")),
        ("cmi5_iri", structure(block(unit(), name="../block"))),
        ("cmi5_iri", structure(unit(name="au/1"))),
        ("cmi5_iri", structure(unit(), objectives=f"<objectives>{objective('goal')}</objectives>")),
        ("cmi5_duplicate", structure(unit() + unit())),
        ("cmi5_duplicate", structure(block(unit()) + block(unit("urn:b:2")))),
        ("cmi5_duplicate", structure(unit(), objectives=f"<objectives>{GOALS}{GOALS}</objectives>")),
        ("cmi5_query", structure(unit(url="index.html?endpoint=x"))),
        ("cmi5_url", structure(unit(url="https://a.example/in dex.html"))),
        ("cmi5_url", structure(unit(url="javascript:alert(1)"))),
        ("cmi5_url", structure(unit(url=""))),
        ("cmi5_mastery_score", structure(unit(attributes='masteryScore="1.01"'))),
        ("cmi5_mastery_score", structure(unit(attributes='masteryScore="NaN"'))),
        ("cmi5_schema", structure(unit(attributes='moveOn="Sometimes"'))),
        ("cmi5_schema", structure(unit(attributes='colour="red"'))),
        ("cmi5_schema", structure("")),
        ("cmi5_schema", structure(unit(more="<other/>"))),
        ("cmi5_schema", structure(unit(more='<v:x xmlns:v="urn:v"/><entitlementKey/>'))),
        ("cmi5_schema", structure("text" + unit())),
        ("cmi5_depth", structure("".join(f'<block id="urn:b:{n}">{words("a")}' for n in range(60)) + unit() + "</block>" * 60)),
        ("cmi5_not_a_course", b"<manifest/>"),
        ("cmi5_xml", b"<courseStructure>"),
        ("cmi5_doctype", b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>'),
        ("cmi5_size", b""),
    ],
)  # fmt: skip
def test_a_structure_that_breaks_a_rule_is_refused_by_its_rule(code: str, data: bytes) -> None:
    with pytest.raises(Cmi5Refused) as refused:
        read_course(data)
    assert refused.value.code == code


def test_elements_of_vendors_are_let_through_after_the_standard_ones() -> None:
    assert read_course(structure(unit(more='<v:x xmlns:v="urn:v">any</v:x>', attributes='v:y="1" xmlns:v="urn:v"')))


def test_a_package_holds_what_its_structure_names(tmp_path: Path) -> None:
    found = read_package(
        package(tmp_path, {"cmi5.xml": structure(unit(url="a%20b/index.html?x=1")), "a b/index.html": b"x"})
    )
    with found.open_file("a b/index.html") as opened:
        assert opened.read() == b"x"


def test_a_thousand_units_and_zip64_are_taken(tmp_path: Path) -> None:
    crowd = tmp_path / "crowd.xml"
    crowd.write_bytes(structure("".join(unit(f"urn:au:{n}", "https://a.example/x") for n in range(1001))))
    assert len(list(read_package(crowd).course.units())) == 1001
    target = tmp_path / "wide.zip"
    with zipfile.ZipFile(target, "w", allowZip64=True) as archive:
        for name, data in (("cmi5.xml", structure(unit())), ("index.html", b"x")):
            with archive.open(name, "w", force_zip64=True) as opened:
                opened.write(data)
    assert read_package(target).files.keys() == {"cmi5.xml", "index.html"}


def _linked() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("cmi5.xml", structure(unit()))
        link = zipfile.ZipInfo("index.html")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return made.getvalue()


@pytest.mark.parametrize(
    ("code", "files"),
    [
        ("cmi5_no_structure", {"course/cmi5.xml": structure(unit())}),
        ("cmi5_missing_file", {"cmi5.xml": structure(unit(url="absent.html"))}),
        ("cmi5_missing_file", {"cmi5.xml": structure(unit(url="//other.example/x"))}),
        ("cmi5_path", {"cmi5.xml": structure(unit()), "index.html": b"x", "../up.html": b"x"}),
        ("cmi5_path", {"cmi5.xml": structure(unit()), "index.html": b"x", "c:/up.html": b"x"}),
        ("cmi5_bomb", {"cmi5.xml": structure(unit()), "index.html": b"\0" * (20 << 20)}),
    ],
)
def test_a_package_that_breaks_a_rule_is_refused_by_its_rule(
    tmp_path: Path, code: str, files: dict[str, bytes]
) -> None:
    with pytest.raises(Cmi5Refused) as refused:
        read_package(package(tmp_path, files, compression=zipfile.ZIP_DEFLATED))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("cmi5_kind", b"# a page of words"),
        ("cmi5_relative_url", structure(unit())),
        ("cmi5_damaged", b"PK\x03\x04" + b"\0" * 100),
        ("cmi5_link", _linked()),
    ],
)
def test_what_is_no_package_is_refused(tmp_path: Path, code: str, data: bytes) -> None:
    target = tmp_path / "course"
    target.write_bytes(data)
    with pytest.raises(Cmi5Refused) as refused:
        read_package(target)
    assert refused.value.code == code


@needs_data
def test_packages_that_others_made_are_taken() -> None:
    zips = sorted((DATA / "packages").glob("*.zip"))
    assert [len(list(read_package(path).course.units())) for path in zips] == [1] * len(zips) != []
    plain = sorted([*DATA.glob("course-structures/*/cmi5.xml"), *DATA.glob("lms-test-suite/*/cmi5.xml")])
    assert [path for path in plain if not list(read_course(path.read_bytes()).units())] == []
    assert len(plain) >= 14


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(next((DATA / "xsd").iterdir())))


PARTS = st.sampled_from([
    words("a"), unit(), unit("urn:a:2"), block(unit("urn:a:3")), "<url>x</url>", "<title/>", "<v:a xmlns:v='urn:v'/>",
    "<entitlementKey>k</entitlementKey>", "<launchParameters/>", "<objectives/>", "<block/>",
])  # fmt: skip


@needs_data
@given(parts=st.lists(PARTS, max_size=4), inner=st.lists(PARTS, max_size=4))
def test_nothing_is_taken_that_the_schema_refuses(schema: etree.XMLSchema, parts: list[str], inner: list[str]) -> None:
    data = structure("".join(parts) + f'<block id="urn:b:9">{"".join(inner)}</block>')
    try:
        read_course(data)
    except Cmi5Refused as refused:
        if refused.code == "cmi5_schema":
            assert not schema.validate(etree.fromstring(data))
    else:
        assert schema.validate(etree.fromstring(data)), schema.error_log
