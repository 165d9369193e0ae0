"""Who stands for which audience in the demo city; the passwords are public and worth nothing elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from .bureaus import INSTITUTE
from .numbers import CITY_REGION, district_code, school_code

PASSWORD = "Yunting-2026"  # noqa: S105 - printed at every start of a demo home
STORY_SCHOOL_CODE = school_code("31", 3)
STORY_PUPIL = "2025030317"
"""学号 of 周禾; her mother is the guardian of the demo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """``staff_number`` names a member of staff, ``login`` a duty account, ``kin`` somebody of the story.

    ``grant`` is a role given on top of what follows from the register.
    """

    code: str
    organisation: str
    staff_number: str = ""
    grant: str = ""
    login: str = ""
    name: str = ""
    kin: str = ""
    """``pupil`` or ``guardian`` of the story."""


def _duty(code: str, name: str) -> Audience:
    return Audience(code=code, organisation=CITY_REGION, login=f"demo.{code}", name=f"{name}（演示）", grant=code)


AUDIENCES: tuple[Audience, ...] = (
    _duty("operator", "数据操作员"),
    _duty("system_admin", "系统管理员"),
    _duty("security_admin", "安全管理员"),
    _duty("auditor", "审计员"),
    Audience(code="bureau_leader", organisation=CITY_REGION, staff_number="J0001"),
    Audience(code="register_officer", organisation=CITY_REGION, staff_number="J0002"),
    Audience(code="county_admin", organisation=district_code(5), staff_number="X0001"),
    Audience(code="city_admin", organisation=CITY_REGION, staff_number="J0003", grant="county_admin"),
    Audience(code="principal", organisation=STORY_SCHOOL_CODE, staff_number="T0101"),
    Audience(code="school_admin", organisation=STORY_SCHOOL_CODE, staff_number="T0103"),
    Audience(code="class_teacher", organisation=STORY_SCHOOL_CODE, staff_number="T0312"),
    Audience(code="teacher", organisation=STORY_SCHOOL_CODE, staff_number="T0307"),
    Audience(code="student", organisation=STORY_SCHOOL_CODE, kin="pupil"),
    Audience(code="guardian", organisation=STORY_SCHOOL_CODE, kin="guardian"),
    Audience(code="reviewer", organisation=INSTITUTE, staff_number="Y0001", grant="reviewer"),
    Audience(code="expert", organisation=INSTITUTE, staff_number="Y0002", grant="expert"),
    _duty("vendor", "应用提供者"),
)
