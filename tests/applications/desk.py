"""Who works with applications: the county's clerk, a teacher, a vendor, each with a browser."""

from __future__ import annotations

from typing import Any

from django.test import Client

from lingqu.foundation.identity import testing


def clerk_of(county: Any) -> Client:
    return testing.signed_in(testing.duty_account("county_admin", county))


def teacher_of(school: Any, name: str = "苏文") -> Any:
    person = testing.make_person(name, organisation=school)
    testing.employ(person, school)
    testing.teach(person, testing.make_class(school))
    return testing.account_for(person)


def text_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def vendor_client(county: Any) -> tuple[Client, Any]:
    account = testing.duty_account("vendor", county, login="zhangyu")
    return testing.signed_in(account), account
