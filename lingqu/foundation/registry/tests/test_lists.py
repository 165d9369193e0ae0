"""花名册, 点名册, 通讯录: who may have which columns, formula-safe files, and the second person for large ones."""

from __future__ import annotations

import io
from collections.abc import Callable
from uuid import UUID

import openpyxl
import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from lingqu.foundation.registry import testing
from lingqu.foundation.registry.models import ListExport, ListLayout, Organisation, PupilAttribute
from lingqu.foundation.registry.selectors import listing
from lingqu.foundation.registry.services import exporting
from lingqu.foundation.registry.services.exporting import ListOrder
from lingqu.foundation.registry.types import lists, rights
from lingqu.kernel import audit
from lingqu.kernel.actor import Actor, Right
from lingqu.kernel.crypto import seal_fields
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.testing import actor_with, run_jobs

pytestmark = pytest.mark.django_db
Visit = Callable[..., HttpResponse]


class Site:
    def __init__(self) -> None:
        self.county = testing.make_organisation(kind="region")
        self.school = testing.make_school(self.county, name="第三中学")
        self.group = testing.make_class(self.school)
        self.second = testing.make_class(self.school, serial=2)
        self.pupil = testing.make_pupil(
            self.group, "=1+1", class_number=2, id_number="990000201301010018", phone="12000000001"
        )
        self.other = testing.make_pupil(self.group, "陆子昂", class_number=1)
        testing.make_pupil(self.second, "孔令仪")
        testing.make_guardian(self.pupil, phone="12000000002")
        testing.make_head(self.group)

    def officer(self, *codes: str) -> Actor:
        return actor_with(*(codes or rights.ALL), path=str(self.county.path))

    def scope(self) -> lists.Scope:
        return listing.scope_from(self.school)

    def klass(self) -> lists.Scope:
        return listing.scope_from(self.school, self.group)


@pytest.fixture
def site(db: None) -> Site:
    return Site()


def order(*columns: str, **more: object) -> ListOrder:
    return ListOrder(**{"kind": "roster", "columns": columns or ("seat", "name"), "file_format": "xlsx", **more})


def cells(made: exporting.Made | None) -> list[list[str]]:
    assert made is not None
    page = openpyxl.load_workbook(io.BytesIO(made.content)).worksheets[0]
    return [[str(cell.value or "") for cell in row] for row in page.iter_rows()]


def test_a_class_list_is_in_the_order_of_seats_and_runs_no_formula(site: Site) -> None:
    _export, made = exporting.order_list(actor=site.officer(), scope=site.klass(), order=order())
    read = cells(made)
    assert read[0][0] == "第三中学 八（1）班 花名册"
    assert read[1:4] == [["班内学号", "姓名"], ["1", "陆子昂"], ["2", "'=1+1"]]
    assert "测试者" in read[4][0]


def test_a_school_list_holds_every_class_and_a_grade_narrows_it(site: Site) -> None:
    testing.make_pupil(testing.make_class(site.school, grade="G09", name="九（1）班"), "秦朗")
    _export, made = exporting.order_list(
        actor=site.officer(), scope=site.scope(), order=order("name", "class", file_format="csv")
    )
    assert made is not None
    assert made.content.decode("utf-8-sig").splitlines() == [
        "姓名,班级", "陆子昂,八（1）班", "'=1+1,八（1）班", "孔令仪,八（2）班", "秦朗,九（1）班",
    ]  # fmt: skip
    narrow = listing.scope_from(site.school, grade="G09")
    assert [row.cells for row in listing.list_rows(narrow, ("name",), is_clear=False)] == [("秦朗",)]


def test_the_deceased_and_doubles_of_a_merge_are_on_no_list(site: Site) -> None:
    double = testing.make_pupil(site.group, "陆子昂", canonical=site.other)
    gone = testing.make_pupil(site.group, "已故", deceased_on=testing.START)
    for scope in (site.klass(), site.scope()):
        rows = [row.cells for row in listing.list_rows(scope, ("number",), is_clear=False)]
        assert (site.other.number,) in rows
        assert (double.number,) not in rows
        assert (gone.number,) not in rows
        assert len(rows) == listing.count_pupils(scope)


GUARDED = ("name", "id_number", "phone", "guardian", "relation", "guardian_phone")


def test_sensitive_columns_are_masked_until_asked_for_with_a_reason(site: Site) -> None:
    actor = site.officer()
    _export, made = exporting.order_list(actor=actor, scope=site.klass(), order=order(*GUARDED))
    assert cells(made)[3][1:] == ["99**************18", "120****0001", "王若琳", "母亲", "120****0002"]
    with pytest.raises(Invalid, match="用途"):
        exporting.order_list(actor=actor, scope=site.klass(), order=order(*GUARDED, is_clear=True))
    export, made = exporting.order_list(
        actor=actor, scope=site.klass(), order=order(*GUARDED, is_clear=True, reason="家长会联系")
    )
    assert cells(made)[3][1:3] == ["990000201301010018", "12000000001"]
    told = audit.list_for_subject("class", site.group.id).items[0]
    assert (told.action, told.purpose, told.data["clear"], told.data["people"]) == (
        "registry.list.exported", "家长会联系", True, 2,
    )  # fmt: skip
    assert "990000201301010018" not in str(told.data)
    assert export.state == "taken"


def test_attributes_need_their_own_right_and_a_reason(site: Site) -> None:
    PupilAttribute.objects.create(
        person=site.other, kind="left_behind", is_sensitive=True, sealed=seal_fields({"value": "both"}),
        valid_from=testing.START,
    )  # fmt: skip
    wanted = ("name", "attribute_left_behind")
    blind = site.officer(rights.PERSON_VIEW, rights.PERSON_REVEAL)
    with pytest.raises(Forbidden):
        exporting.order_list(actor=blind, scope=site.klass(), order=order(*wanted, is_clear=True, reason="统计"))
    with pytest.raises(Invalid):
        exporting.order_list(actor=site.officer(), scope=site.klass(), order=order(*wanted, reason="统计"))
    _export, made = exporting.order_list(
        actor=site.officer(), scope=site.klass(), order=order(*wanted, is_clear=True, reason="统计")
    )
    assert cells(made)[2] == ["陆子昂", "父母双方外出"]


def on_class(site: Site, *codes: str) -> Actor:
    place = f"class:{site.group.id}"
    return Actor(
        kind="account", name="吴静", account_id=UUID(int=5), rights=tuple(Right(code, place) for code in codes)
    )


WHO: dict[str, Callable[[Site], Actor]] = {
    "officer": lambda site: site.officer(),
    "viewer": lambda site: site.officer(rights.PERSON_VIEW),
    "class teacher": lambda site: on_class(site, rights.PERSON_VIEW, rights.PERSON_REVEAL),
    "teacher": lambda site: on_class(site, rights.PERSON_VIEW),
    "figures only": lambda site: site.officer(rights.COUNT_VIEW),
    "parent": lambda site: Actor(
        kind="account", name="家长", account_id=UUID(int=7),
        rights=(Right(rights.PERSON_VIEW, f"person:{site.pupil.id}"),),
    ),
    "elsewhere": lambda site: actor_with(*rights.ALL, path=str(testing.make_organisation(kind="region").path)),
}  # fmt: skip
MAY = {
    "officer": {"class", "school", "clear"}, "viewer": {"class", "school"}, "class teacher": {"class", "clear"},
    "teacher": {"class"}, "figures only": set(), "parent": set(), "elsewhere": set(),
}  # fmt: skip


@pytest.mark.parametrize("who", sorted(WHO))
def test_who_may_make_which_list(who: str, site: Site) -> None:
    actor, done = WHO[who](site), set()
    for action, scope, wanted in (
        ("class", site.klass(), order()), ("school", site.scope(), order()),
        ("clear", site.klass(), order("phone", is_clear=True, reason="联系家长")),
    ):  # fmt: skip
        try:
            exporting.order_list(actor=actor, scope=scope, order=wanted)
        except Forbidden:
            continue
        done.add(action)
    assert done == MAY[who]
    assert ListExport.objects.count() == len(done)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "FREE_PEOPLE", 2)


def test_a_large_list_needs_another_person(site: Site, small: None) -> None:
    asking, person = site.officer(), testing.make_teacher(site.school)
    export, made = exporting.order_list(actor=asking, scope=site.scope(), order=order())
    assert (export.state, made) == ("waiting", None)
    with pytest.raises(Forbidden):
        exporting.decide_export(actor=asking, export_id=export.id, is_approved=True, note="")
    with pytest.raises(Forbidden):
        exporting.decide_export(actor=WHO["viewer"](site), export_id=export.id, is_approved=True, note="")
    with pytest.raises(Forbidden):
        exporting.decide_export(actor=WHO["elsewhere"](site), export_id=export.id, is_approved=True, note="")
    with pytest.raises(Conflict):
        exporting.take_export(actor=asking, export_id=export.id)
    deciding = site.officer(rights.EXPORT_APPROVE)
    exporting.decide_export(actor=deciding, export_id=export.id, is_approved=True, note="同意")
    with pytest.raises(Conflict):
        exporting.decide_export(actor=deciding, export_id=export.id, is_approved=False, note="迟了")
    assert run_jobs("registry.make_list_export") == ["registry.make_list_export"]
    assert len(cells(exporting.take_export(actor=asking, export_id=export.id))) == 6
    with pytest.raises(Forbidden):
        exporting.take_export(actor=deciding, export_id=export.id)
    double = actor_with(*rights.ALL, path=str(site.county.path), person_id=person.id)
    mine, _none = exporting.order_list(actor=double, scope=site.scope(), order=order())
    second = actor_with(*rights.ALL, path=str(site.county.path), person_id=person.id)
    with pytest.raises(Forbidden):
        exporting.decide_export(actor=second, export_id=mine.id, is_approved=True, note="")


def test_a_refusal_says_why(site: Site, small: None) -> None:
    export, _none = exporting.order_list(actor=site.officer(), scope=site.scope(), order=order())
    with pytest.raises(Invalid):
        exporting.decide_export(actor=site.officer(), export_id=export.id, is_approved=False, note=" ")
    exporting.decide_export(actor=site.officer(), export_id=export.id, is_approved=False, note="按班导出即可")
    export.refresh_from_db()
    assert (export.state, export.decision) == ("refused", "按班导出即可")
    assert run_jobs("registry.make_list_export") == []


def test_who_lost_the_right_takes_nothing(site: Site, small: None) -> None:
    asking = site.officer()
    export, _none = exporting.order_list(
        actor=asking, scope=site.scope(), order=order("name", "phone", is_clear=True, reason="体检")
    )
    exporting.decide_export(actor=site.officer(), export_id=export.id, is_approved=True, note="")
    run_jobs("registry.make_list_export")
    less = actor_with(rights.PERSON_VIEW, path=str(site.county.path), account_id=asking.account_id)
    with pytest.raises(Forbidden):
        exporting.take_export(actor=less, export_id=export.id)


def test_columns_are_remembered_by_account_and_bad_ones_refused(site: Site) -> None:
    actor = site.officer()
    exporting.save_layout(actor=actor, kind="roster", columns=("name", "phone"))
    exporting.save_layout(actor=actor, kind="roster", columns=("phone", "name"))
    permit = listing.permit_of(actor, site.klass())
    assert listing.chosen_columns(actor, "roster", permit) == ("phone", "name")
    assert listing.chosen_columns(site.officer(), "roster", permit) == lists.USUAL["roster"]
    for kind, columns in (("roster", ()), ("roster", ("name", "name")), ("roster", ("sealed",)), ("salary", ("name",))):
        with pytest.raises(Invalid):
            exporting.save_layout(actor=actor, kind=kind, columns=columns)
    assert ListLayout.objects.count() == 1


def test_print_has_class_breaks_and_squares(site: Site) -> None:
    for kind in lists.ListKind.values:
        _export, made = exporting.order_list(
            actor=site.officer(), scope=site.scope(), order=order(*lists.USUAL[kind], kind=kind, file_format="pdf")
        )
        assert made is not None
        assert made.content.startswith(b"%PDF")
        assert made.content.count(b"/Type /Page\n") + made.content.count(b"/Type/Page\n") in (0, 2)


def test_pages_are_bounded_and_shut_elsewhere(visit: Visit, site: Site) -> None:
    away = WHO["elsewhere"](site)
    for url in (f"/classes/{site.group.id}/lists", f"/organisations/{site.school.code}/lists?kind=contacts&grade=G08"):
        visit(site.officer(), url)
        with CaptureQueriesContext(connection) as queries:
            assert visit(site.officer(), url).status_code == 200
        assert len(queries) <= 12, "\n".join(query["sql"][:120] for query in queries)
        with pytest.raises(Forbidden):
            visit(away, url)
    with CaptureQueriesContext(connection) as queries:
        assert visit(site.officer(), "/exports").status_code == 200
    assert len(queries) <= 12


def test_the_page_hands_over_a_file_or_says_what_is_missing(visit: Visit, site: Site) -> None:
    actor, url = site.officer(), f"/classes/{site.group.id}/lists"
    told = visit(actor, url, {"kind": "roster", "action": "xlsx", "columns": "phone", "is_clear": "on", "reason": ""})
    assert told.status_code == 422
    assert "请写明用途" in told.content.decode()
    given = visit(actor, url, {"kind": "roster", "action": "csv", "columns": "name"})
    assert given["Content-Disposition"].startswith("attachment")
    assert given["Cache-Control"] == "no-store"
    assert visit(actor, url, {"kind": "roster", "action": "save", "columns": "name"}).status_code == 302
    assert ListLayout.objects.get().columns == ["name"]
    assert visit(actor, url, {"kind": "nothing", "action": "xlsx", "columns": "name"}).status_code == 422


def test_a_list_is_made_in_chunks(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "CHUNK", 1)
    rows = list(
        listing.list_rows(listing.scope_from(Organisation.objects.get(id=site.county.id)), GUARDED, is_clear=False)
    )
    assert [row.cells[0] for row in rows] == ["陆子昂", "=1+1", "孔令仪"]
