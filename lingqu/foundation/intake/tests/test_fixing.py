"""One decision for all rows that say the same wrong thing; the stored files are checked anew."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lingqu.foundation.identity.testing import browser, duty_account, make_school
from lingqu.foundation.intake import selectors
from lingqu.foundation.intake.models import Import
from lingqu.foundation.intake.selectors import FindingFilter
from lingqu.foundation.intake.services import fixing
from lingqu.foundation.registry import api as registry
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from lingqu.kernel.models import AuditEntry
from lingqu.kernel.testing import actor_with, run_jobs

from ..types import IMPORT_RUN
from .conftest import csv_of

pytestmark = pytest.mark.django_db
CODE, NAME = "3301000009", "云溪县第九中学"
CLASSES = [["学校", "班级名称", "年级"], [CODE, "七(1)班", "七年级"], [CODE, "七(2)班", "七年级"]]
PUPILS = [
    ["姓名", "性别", "学校", "班级", "民族"],
    ["张一", "男", CODE, "启航班", "汗族"], ["张二", "女", CODE, "启航班", "汉族"], ["张三", "男", CODE, "远航班", "汉族"],
    ["张四", "男", CODE, "七(1)班", "汗族"],
]  # fmt: skip


@pytest.fixture
def checked() -> Any:
    registry.prepare()
    school = make_school(CODE, NAME)
    client = browser(duty_account("school_admin", school))
    files = [
        SimpleUploadedFile(name, csv_of(rows).encode()) for name, rows in (("班级.csv", CLASSES), ("学生.csv", PUPILS))
    ]
    sent = {"rosters": files, "place": str(school.path), "source": "school-roster"}
    assert client.post("/imports/new", sent).status_code == 302
    run_jobs()
    record = Import.objects.get()
    assert (record.state, record.counts["rejected"]) == ("checked", 3)
    return client, record, school


def post(client: Any, record: Import, group: fixing.Group, **meant: str) -> Import:
    named = {name: getattr(group, name) for name in ("rule", "kind", "field", "value", "who")}
    assert client.post(f"/imports/{record.number}/fixes", {**named, **meant}).status_code == 302
    run_jobs()
    record.refresh_from_db()
    return record


def groups(record: Import) -> dict[str, fixing.Group]:
    return {group.value: group for group in fixing.list_groups(record)}


def test_rows_of_a_kind_are_settled_together_and_the_files_checked_anew(checked: Any) -> None:
    client, record, _school = checked
    found = groups(record)
    assert {value: group.rows for value, group in found.items()} == {"启航班": 2, "远航班": 1, "汗族": 2}
    page = client.get(f"/imports/{record.number}").content.decode()
    assert "一次改正同样的行" in page
    record = post(client, record, found["启航班"], meant="七(2)班")
    assert (record.state, record.counts["rejected"]) == ("checked", 1)
    assert set(groups(record)) == {"远航班", "汗族"}
    record = post(client, record, groups(record)["远航班"], make="1")
    assert record.counts["rejected"] == 0
    record = post(client, record, groups(record)["汗族"], meant="01")
    assert not groups(record)
    assert client.post(f"/imports/{record.number}/actions", {"action": "apply"}).status_code == 302
    run_jobs()
    record.refresh_from_db()
    assert (record.state, record.counts["created"]["people"]) == ("applied", 4)
    people = registry.root_organisation()._meta.apps.get_model("registry", "Person").objects  # type: ignore[union-attr]
    seats = dict(people.values_list("name", "class_memberships__class_group__written_name"))
    assert seats == {"张一": "七(2)班", "张二": "七(2)班", "张三": "远航班", "张四": "七(1)班"}
    assert set(people.values_list("ethnicity", flat=True)) == {"01"}
    assert AuditEntry.objects.filter(action="intake.import.fixed").count() == 3


def test_what_means_nothing_is_refused_and_changes_nothing(checked: Any) -> None:
    _client, record, school = checked
    found = groups(record)
    actor = actor_with(IMPORT_RUN, path=str(school.path))

    def settle(group: fixing.Group, meant: str, **other: Any) -> int:
        named = {name: getattr(group, name) for name in ("rule", "kind", "field", "value", "who")}
        return fixing.settle(**{"actor": actor, "number": record.number, "wanted": named, "meant": meant, **other})

    for group, meant in ((found["启航班"], " "), (found["汗族"], "火星族"), (found["汗族"], fixing.NEW_CLASS)):
        with pytest.raises(Invalid):
            settle(group, meant)
    with pytest.raises(NotFound):
        settle(
            found["启航班"], "七(1)班", wanted={"rule": "id_damaged", "kind": "", "field": "", "value": "", "who": ""}
        )
    with pytest.raises(Forbidden):
        settle(found["启航班"], "七(1)班", actor=actor_with(IMPORT_RUN, path="9"))
    record.refresh_from_db()
    assert "fixes" not in record.options
    assert record.state == "checked"
    Import.objects.filter(id=record.id).update(state="applied")
    assert not fixing.list_groups(Import.objects.get(id=record.id))
    with pytest.raises(Conflict):
        settle(found["启航班"], "七(1)班")


def test_findings_are_found_by_row_heading_or_organisation(checked: Any) -> None:
    client, record, _school = checked
    assert client.get(f"/imports/{record.number}", {"q": "民族"}).status_code == 200
    found = {
        text: {(one.row, one.column) for one in selectors.list_findings(owner=record, wanted=FindingFilter(text=text))}
        for text in ("4", "民族", "第九中学", "不存在的列", "张一")
    }
    assert (4, "班级") in found["4"]
    assert {row for row, _column in found["4"]} == {4}
    assert found["民族"] == {(2, "民族"), (5, "民族")}
    assert found["第九中学"] >= found["4"] | found["民族"]
    assert not found["不存在的列"] | found["张一"]
