"""Printed slips: fresh codes, void old ones, six a page, only for those who may."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.utils import translation

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.documents import sheets
from lingqu.foundation.identity.models import ActivationCode, SlipBatch
from lingqu.foundation.identity.selectors import lists
from lingqu.foundation.identity.services import slips
from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from lingqu.kernel.models import AuditEntry
from lingqu.kernel.testing import actor_with, run_jobs

pytestmark = pytest.mark.django_db
PRINT = "identity.slips.print"


@pytest.fixture
def group():
    school = testing.make_school()
    made = testing.make_class(school)
    registry.ensure_school_year(registry.school_year_of(clock.today()))
    for at in range(7):
        testing.seat(testing.make_person(f"学生{at}", organisation=school), made)
    for child in made.memberships.all():
        testing.account_for(child.person, password="")
    return made


def printed(monkeypatch, **how):
    """The sheet that was drawn, instead of the PDF's bytes."""
    drawn = []
    original = slips.as_pdf
    monkeypatch.setattr(slips, "as_pdf", lambda sheet: drawn.append(sheet) or original(sheet))
    made = slips.print_class(**how)
    return drawn[0], made


def test_a_class_gets_a_pupil_and_a_guardian_code_each(group, monkeypatch) -> None:
    sheet, made = printed(
        monkeypatch, actor=actor_with(PRINT, path=f"class:{group.id}"), class_id=group.id, choice=slips.Choice()
    )
    assert (made.people, made.name, made.pdf[:5]) == (14, "实验小学 三（1）班 账号开通单.pdf", b"%PDF-")
    [drawn] = sheet.groups
    assert (len(drawn.rows), drawn.pages) == (7, 2)
    first = drawn.rows[0]
    assert (first.left.name, first.right.name) == ("学生0", "学生0 的家长")
    assert len({row.left.code for row in drawn.rows} | {row.right.code for row in drawn.rows}) == 14
    assert first.left.address == f"http://localhost:8000/activate?code={first.left.code.replace('-', '')}"
    assert AuditEntry.objects.filter(action="identity.slips.printed", subject_id=str(group.id)).count() == 1


def test_slips_are_chinese_whoever_prints_them(group, monkeypatch) -> None:
    with translation.override("en"):
        sheet, made = printed(
            monkeypatch, actor=actor_with(PRINT, path=f"class:{group.id}"), class_id=group.id, choice=slips.Choice()
        )
    assert (made.name, sheet.groups[0].rows[0].right.name) == ("实验小学 三（1）班 账号开通单.pdf", "学生0 的家长")


def test_printing_again_voids_what_was_printed_before(group, monkeypatch) -> None:
    slips.print_class(actor=testing.SYSTEM, class_id=group.id, choice=slips.Choice())
    slips.print_class(actor=testing.SYSTEM, class_id=group.id, choice=slips.Choice(guardians=False))
    assert ActivationCode.objects.filter(purpose="pupil", voided_at=None).count() == 7
    assert ActivationCode.objects.filter(purpose="pupil").exclude(voided_at=None).count() == 7
    assert ActivationCode.objects.filter(purpose="guardian", voided_at=None).count() == 7


def test_only_those_who_are_missing(group, monkeypatch) -> None:
    child = group.memberships.order_by("id").first().person
    testing.account_for(child)
    sheet, made = printed(
        monkeypatch, actor=testing.SYSTEM, class_id=group.id, choice=slips.Choice(guardians=False, only_new=True)
    )
    assert made.people == 6
    assert child.name not in {row.left.name for row in sheet.groups[0].rows}
    for one in lists.class_accounts(group):
        testing.in_use(one.account_id)
    with pytest.raises(Invalid):
        slips.print_class(actor=testing.SYSTEM, class_id=group.id, choice=slips.Choice(guardians=False, only_new=True))


@pytest.mark.parametrize("code", ["identity.account.view", "registry.person.view"])
def test_others_print_nothing(group, code: str) -> None:
    with pytest.raises(Forbidden):
        slips.print_class(actor=actor_with(code, path=str(group.school.path)), class_id=group.id, choice=slips.Choice())
    other = testing.make_school("3301000002", "另一所")
    with pytest.raises(Forbidden):
        slips.print_class(actor=actor_with(PRINT, path=str(other.path)), class_id=group.id, choice=slips.Choice())
    assert not ActivationCode.objects.exists()


def test_a_failed_print_leaves_the_old_codes_usable(group, monkeypatch) -> None:
    slips.print_class(actor=testing.SYSTEM, class_id=group.id, choice=slips.Choice())

    def broken(sheet: object) -> bytes:
        raise RuntimeError

    monkeypatch.setattr(slips, "as_pdf", broken)
    with pytest.raises(RuntimeError):
        slips.print_class(actor=testing.SYSTEM, class_id=group.id, choice=slips.Choice())
    assert ActivationCode.objects.filter(voided_at=None).count() == 14


def test_a_school_gets_a_sealed_zip_for_the_one_who_ordered_it(group) -> None:
    account = testing.duty_account("county_admin")
    actor = actor_with(PRINT, path=str(group.school.path), account_id=account.id)
    batch = slips.order_school(actor=actor, school=group.school, only_new=True)
    with pytest.raises(Conflict):
        slips.order_school(actor=actor, school=group.school, only_new=True)
    assert "identity.make_school_slips" in run_jobs("identity.make_school_slips")
    done = SlipBatch.objects.get(id=batch.id)
    assert (done.state, done.classes, done.people) == ("ready", 1, 14)
    name, content = slips.take_batch(actor=actor, batch_id=batch.id)
    assert name == "实验小学 账号开通单.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["001-三（1）班.pdf"]
        assert archive.read("001-三（1）班.pdf")[:5] == b"%PDF-"
    with pytest.raises(NotFound):
        slips.take_batch(actor=actor_with(PRINT, path=str(group.school.path)), batch_id=batch.id)


def test_staff_get_slips_with_their_staff_number(monkeypatch) -> None:
    school = testing.make_school()
    teacher = testing.make_person("吴静", organisation=school)
    testing.employ(teacher, school, "T001")
    testing.account_for(teacher, password="")
    drawn = []
    monkeypatch.setattr(slips, "as_pdf", lambda sheet: drawn.append(sheet) or b"%PDF-")
    made = slips.print_staff(actor=actor_with(PRINT, path=str(school.path)), school=school)
    assert made.people == 1
    assert drawn[0].groups[0].rows[0].left.login == "3301000001-T001"
    with pytest.raises(Forbidden):
        slips.print_staff(actor=actor_with(PRINT, path=f"class:{teacher.id}"), school=school)


def test_names_are_never_markup() -> None:
    slip = sheets.Slip(
        name='#panic("x") [*_$', kind="学生", line='#read("/etc/passwd")', code="HM4K-7TQX-9WNE", login="1", hint="$"
    )
    row = sheets.Row(left=slip, right=None)
    group = sheets.Group(name="班", title="题", sub="注", rows=(row,) * 7)
    pdf = sheets.as_pdf(sheets.Sheet(title="题", organisation="校", valid="有效", groups=(group,)))
    assert pdf[:5] == b"%PDF-"
