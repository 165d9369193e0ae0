"""Numbers of other platforms: who sees them, how they link somebody from above, and what follows when they change."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import Account
from lingqu.foundation.intake.api import create_import, run_import
from lingqu.foundation.intake.types import ReadFile
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry.services.merging import merge_people, unmerge_people
from lingqu.foundation.upstream import api as upstream
from lingqu.foundation.upstream.models import Identifier, Unmatched
from lingqu.foundation.upstream.testing import give_number
from lingqu.foundation.upstream.types import NumberKind
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.models import AuditEntry

from .platforms import Platform
from .visiting import go, is_in, ticket_source, told

SYSTEM = Actor.system("test")
TEACHER, PROVINCE = NumberKind.TEACHER, NumberKind.PROVINCE


def take(tmp_path: Path, *rows: str) -> Counter[str]:
    """A list of 人员编号 and 省统一身份号, imported at the top."""
    path = tmp_path / "号码.csv"
    path.write_text("\n".join(("人员编号,省统一身份号", *rows)) + "\n", encoding="utf-8")
    record = create_import(actor=SYSTEM, scope=str(registry.ensure_root().path), paths=[path])
    result = run_import(actor=SYSTEM, import_id=record.id, files=[ReadFile(path.name, path)])
    return Counter({"created": result.created["numbers"], "updated": result.updated["numbers"],
                    "unchanged": result.unchanged["numbers"], "rejected": result.rejected})  # fmt: skip


def held(person: Any) -> set[str]:
    return {row.value for row in upstream.list_identifiers(person.id) if row.valid_to is None}


# ---- who sees them --------------------


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("register_officer", True), ("county_admin", True), ("school_admin", True), ("principal", True),
        ("class_teacher", True), ("guardian", True), ("proxy", None), ("teacher", False), ("deputy_principal", False),
        ("student", True), ("stranger", None),
    ],
)  # fmt: skip
def test_who_sees_a_pupils_numbers(role: str, sees: bool | None) -> None:
    """``None``: not even the page opens."""
    county = testing.make_school("330101", "县", kind="region")
    school = testing.make_school(parent=county)
    group = testing.make_class(school)
    pupil = testing.make_person("周禾", organisation=school)
    testing.seat(pupil, group)
    give_number(pupil.id, PROVINCE, "P33-1")
    give_number(pupil.id, "https://above.example.cn", "account-above")
    browser = testing.browser(_reader(role, county, school, group, pupil))
    page = browser.get(f"/people/{pupil.number}")
    assert page.status_code == (403 if sees is None else 200)
    assert ("P33-1" in page.content.decode()) is bool(sees)
    assert "account-above" not in page.content.decode()


def _reader(role: str, county: Any, school: Any, group: Any, pupil: Any) -> Account:
    if role in ("register_officer", "county_admin"):
        return testing.duty_account(role, county)
    if role == "stranger":
        return testing.duty_account("register_officer", testing.make_school("330102", "邻县", kind="region"))
    if role == "student":
        return testing.account_for(pupil)
    person = testing.make_person(role, organisation=school)
    if role in ("guardian", "proxy"):
        testing.guard(person, pupil, "proxy" if role == "proxy" else "legal")
        return testing.account_for(person)
    testing.employ(person, school)
    if role == "teacher":
        testing.teach(person, group)
    elif role == "class_teacher":
        testing.give_duty(person, "head_teacher", school, group)
    else:
        testing.give_duty(person, {"deputy_principal": "vice_principal"}.get(role, role), school)
    return testing.account_for(person)


def test_ones_own_numbers_are_shown_and_cannot_be_unbound(teacher: Account) -> None:
    assert teacher.person is not None
    number = give_number(teacher.person.id, TEACHER, "20260001")
    browser = testing.browser(teacher)
    page = browser.get("/me/bindings").content.decode()
    assert "20260001" in page and f"/me/bindings/{number.id}/end" not in page
    assert browser.post(f"/me/bindings/{number.id}/end").status_code == 404
    number.refresh_from_db()
    assert number.valid_to is None


def test_a_former_number_stays_on_the_page_and_a_day_shows_its_own(teacher: Account, tmp_path: Path) -> None:
    person: Any = teacher.person
    Identifier.objects.create(person=person, issuer=PROVINCE, value="P-old", valid_from="2020-01-01", linked_by="x")
    assert take(tmp_path, f"{person.number},P-new")["updated"] == 1
    browser = testing.browser(teacher)
    page = browser.get(f"/people/{person.number}").content.decode()
    assert page.index("P-new") < page.index("P-old")
    then = browser.get(f"/people/{person.number}?as_of=2021-05-05").content.decode()
    assert "P-old" in then and "P-new" not in then
    assert Identifier.objects.get(value="P-old").valid_to == today()


def test_an_import_of_numbers_leaves_a_trace(teacher: Account, tmp_path: Path) -> None:
    assert teacher.person is not None
    take(tmp_path, f"{teacher.person.number},P-1")
    entry = AuditEntry.objects.filter(action="registry.roster.applied").latest("id")
    assert (entry.data["kind"], entry.data["created"]) == ("numbers", {"numbers": 1})


# ---- linking --------------------


def test_a_number_that_the_platform_above_has_verified_links(above: Platform, teacher: Account) -> None:
    person: Any = teacher.person
    give_number(person.id, TEACHER, "20260001")
    ticket_source(above, link_by=[TEACHER])
    above.says("/verify", told(teacher_number="20260009"))
    assert go(Client(), ticket="TK-1").status_code == 403 and Unmatched.objects.get().reason == "nobody"
    above.says("/verify", told(teacher_number="20260001", user_id="P-78"))
    browser = Client()
    assert go(browser, ticket="TK-2")["Location"] == "/me" and is_in(browser)
    above.says("/verify", told(teacher_number="20260001", user_id="P-79", name="别人"))
    assert go(Client(), ticket="TK-3").status_code == 403, "the name must fit too"


def test_where_the_platforms_user_id_is_the_number_the_import_is_the_link(
    above: Platform, teacher: Account, tmp_path: Path
) -> None:
    person: Any = teacher.person
    ticket_source(above, issuer=PROVINCE, link_by=[])
    above.says("/verify", told(user_id="P33-1"))
    assert not is_in_by(Client())
    take(tmp_path, f"{person.number},P33-1")
    browser = Client()
    assert is_in_by(browser)
    assert take(tmp_path, f"{person.number},P33-2")["updated"] == 1
    assert not is_in(browser), "who came in by a number that is over is out"
    assert not is_in_by(Client())
    above.says("/verify", told(user_id="P33-2"))
    assert is_in_by(Client())


def is_in_by(browser: Client) -> bool:
    go(browser, ticket="TK-1")
    return is_in(browser)


# ---- merging --------------------


def test_numbers_survive_a_merge_and_its_end(teacher: Account, tmp_path: Path) -> None:
    kept: Any = teacher.person
    gone = testing.make_person("苏文", organisation=kept.organisation)
    give_number(kept.id, PROVINCE, "P-1")
    give_number(gone.id, PROVINCE, "P-2")
    merge_people(actor=SYSTEM, kept_id=kept.id, merged_id=gone.id, reason="同一人")
    assert held(kept) == {"P-1", "P-2"}
    assert take(tmp_path, f"{gone.number},P-2") == Counter(unchanged=1), "a number of the merged record is one's own"
    other = testing.make_person("许安", organisation=kept.organisation)
    assert take(tmp_path, f"{other.number},P-2")["rejected"] == 1
    unmerge_people(actor=SYSTEM, merged_id=gone.id, reason="不是同一人")
    assert (held(kept), held(gone)) == ({"P-1"}, {"P-2"})
