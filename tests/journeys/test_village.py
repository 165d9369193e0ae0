"""The class teacher of a village point: a code on paper, a password, eleven children and nobody else."""

from __future__ import annotations

import re

import pytest

from .conftest import DemoCity
from .visitor import Page, Visitor

POINT, OTHER_SCHOOL = "2100990010", "3100990003"
TEACHER, PASSWORD = f"{POINT}-T0001", "Liuxi-spring-2026"


def code_on(page: Page) -> str:
    """The code as it stands on the slip, its characters set apart."""
    letters = r"[2-9A-HJ-NP-Z]"
    found = re.search(rf"(?:{letters} ?){{4}}(?:- ?(?:{letters} ?){{4}})+", page.words)
    assert found, page.words
    return found.group(0).replace(" ", "").strip()


def activate(city: DemoCity, code: str, password: str) -> Page:
    visitor = Visitor(city.url)
    page = visitor.get("/activate")
    page = visitor.send(page, page.form(having="code"), code=code)
    return visitor.send(page, page.form(having="repeat"), password=password, repeat=password)


@pytest.fixture(scope="module")
def teacher(city):
    """The county administrator hands out a code; the teacher sets a password with it and signs in."""
    county = city.visitor("county_admin")
    accounts = county.get(f"/schools/{POINT}/accounts?part=staff")
    staff = county.get(f"/schools/{POINT}/staff")
    number = re.search(r"杨水生.*?T0001 (\d{12})", staff.words).group(1)
    slip = county.send(accounts, accounts.form(f"/people/{number}/new-code"))
    assert activate(city, code_on(slip), PASSWORD).status == 200
    visitor = Visitor(city.url)
    page = visitor.sign_in(TEACHER, PASSWORD)
    assert page.path == "/", page.words
    return visitor


def my_class(teacher: Visitor) -> str:
    return next(link for link in teacher.get("/").links() if re.fullmatch(r"/classes/[0-9a-f-]{36}", link))


def test_the_class_page_shows_exactly_the_eleven_children(teacher):
    page = teacher.get(my_class(teacher))
    assert page.status == 200 and "1+2复式班" in page.words
    children = {link for link in page.links() if re.fullmatch(r"/people/\d{12}", link)}
    numbers = set(re.findall(r"\b202\d0201\d\d\b", page.words))
    assert "石小满" in page.words
    assert len(numbers) == 11 and len(children) >= 11


def test_the_list_of_pupils_prints(teacher):
    page = teacher.get(my_class(teacher) + "/roster")
    assert page.status == 200
    assert "花名册" in page.words and "石小满" in page.words


def test_the_county_sees_the_account_in_use(city, teacher):
    accounts = city.visitor("county_admin").get(f"/schools/{POINT}/accounts?part=staff")
    assert re.search(r"杨水生 T0001 已登录", accounts.words)


@pytest.mark.parametrize("part", ["schools/%s", "organisations/%s", "schools/%s/students"])
def test_another_school_answers_that_it_may_not_be_seen(teacher, part):
    page = teacher.get("/" + part % OTHER_SCHOOL)
    assert page.status == 403
    assert "无权查看" in page.words


def test_another_class_is_closed_too(city, teacher):
    other = next(
        link for link in city.visitor("class_teacher").get("/").links() if re.fullmatch(r"/classes/[0-9a-f-]{36}", link)
    )
    assert teacher.get(other).status == 403
    assert teacher.get(other + "/accounts").status == 403
