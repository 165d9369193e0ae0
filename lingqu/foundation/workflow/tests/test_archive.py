"""Finished cases are found by number, name, process and day, and handed out whole to who may read them whole."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lingqu.foundation.registry import testing as people
from lingqu.foundation.workflow import testing as drawing
from lingqu.foundation.workflow.models import Case
from lingqu.foundation.workflow.selectors import finished
from lingqu.foundation.workflow.services import archiving, bundling
from lingqu.foundation.workflow.tests.towns import Town
from lingqu.foundation.workflow.types import rights
from lingqu.kernel import clock
from lingqu.kernel.errors import Conflict, Forbidden
from lingqu.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(settings: Any, tmp_path: Any) -> Town:
    settings.LINGQU_HOME = tmp_path
    made = Town()
    made.publish()
    return made


def viewer(town: Town, *codes: str) -> Any:
    return drawing.acting(town.officer, *(codes or (rights.CASE_VIEW,)), at=str(town.county.path))


def ended(town: Town, **more: Any) -> Case:
    case = town.start(**more)
    return town.do(case, "clerk", decision="refuse", comment="=HYPERLINK(1)")


def test_found_by_number_name_process_and_day(town: Town) -> None:
    one, two = ended(town), ended(town)
    town.start()
    other = people.make_pupil(town.group, "别的孩子")
    counter = drawing.acting(town.clerk, rights.CASE_COUNTER, at=str(town.school.path))
    three = ended(town, actor=counter, starter_id=town.deputy.id, subject_id=other.id)
    Case.objects.filter(id=two.id).update(ended_at=clock.now() - timedelta(days=40))
    actor, today = viewer(town), clock.today()

    def found(**more: Any) -> set[Any]:
        return {line.id for line in finished.list_finished(actor, finished.Sought(**more))}

    assert found() == {one.id, two.id, three.id}
    assert found(words=one.number) == {one.id}
    assert found(words="王若琳") == found(words="周禾") == {one.id, two.id}
    assert found(words="顾言") == {three.id} == found(words="别的孩子")
    assert found(words="无此人") == set()
    assert found(since=today) == {one.id, three.id}
    assert found(until=today - timedelta(days=30)) == {two.id}
    assert found(key="transfer", state="done") == {one.id, two.id, three.id} - found(key="transfer", state="failed")
    assert found(key="other") == set()
    assert ("transfer", "transfer") in finished.keys_known(actor)
    elsewhere = drawing.acting(town.stranger, *rights.ALL, at=str(town.stranger.path))
    assert not finished.list_finished(elsewhere, finished.Sought()).items
    with pytest.raises(Forbidden):
        finished.list_finished(town.actor("clerk"), finished.Sought())


@pytest.mark.parametrize("is_packed", [False, True])
def test_the_file_of_a_case_has_all_of_it(town: Town, is_packed: bool) -> None:
    proof = ("", SimpleUploadedFile("../证明.pdf", b"%PDF-1.7 proof"))
    case = ended(town, uploads=[proof])
    if is_packed:
        archiving.archive_finished(timedelta(0))
    reader = viewer(town, rights.CASE_DATA)
    rows = [("时间", "意见"), ("", "=HYPERLINK(1)")]
    made = bundling.bundle(actor=reader, case_id=case.id, form=b"%PDF form", history=rows)
    with zipfile.ZipFile(made) as package:
        assert package.testzip() is None
        names = sorted(package.namelist())
        assert names == sorted(["审批表.pdf", "办理记录.csv", "材料/01-证明.pdf"])
        assert package.read("材料/01-证明.pdf") == b"%PDF-1.7 proof"
        table = list(csv.reader(io.StringIO(package.read("办理记录.csv").decode("utf-8-sig"))))
    assert not table[1][1].startswith("=")
    assert AuditEntry.objects.filter(action="workflow.case.bundled").count() == 1


def test_only_who_reads_all_of_a_case_that_is_over_gets_its_file(town: Town) -> None:
    case, running = ended(town), town.start()
    for who in (viewer(town), town.actor("clerk"), town.actor("mother"), town.actor("stranger")):
        with pytest.raises(Forbidden):
            bundling.bundle(actor=who, case_id=case.id, form=b"", history=[])
    with pytest.raises(Conflict):
        bundling.bundle(actor=viewer(town, rights.CASE_DATA), case_id=running.id, form=b"", history=[])
