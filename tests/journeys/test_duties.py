"""Separated duties: who runs the system reads no pupils, who audits changes nothing, who imports grants no roles."""

from __future__ import annotations

import pytest

PUPIL_PAGES = ("/people", "/schools/3100990003/students")


@pytest.mark.parametrize("audience", ["system_admin", "security_admin", "auditor", "vendor", "operator"])
@pytest.mark.parametrize("path", PUPIL_PAGES)
def test_no_pupils_for(city, audience, path):
    page = city.visitor(audience).get(path)
    assert page.status == 403
    assert "周禾" not in page.text


@pytest.mark.parametrize("path", PUPIL_PAGES)
def test_the_bureau_leader_sees_figures_only(city, path):
    page = city.visitor("bureau_leader").get(path)
    assert not [link for link in page.links() if link.startswith("/people/")]
    assert "周禾" not in page.text


@pytest.mark.parametrize(
    ("audience", "path", "status"),
    [
        ("system_admin", "/operations/health", 200),
        ("system_admin", "/roles", 200),
        ("system_admin", "/roles/grant", 403),
        ("system_admin", "/audit", 403),
        ("security_admin", "/roles/grant", 200),
        ("security_admin", "/audit", 403),
        ("auditor", "/audit", 200),
        ("auditor", "/roles/grant", 403),
        ("auditor", "/operations/health", 403),
        ("operator", "/operations/health", 200),
        ("operator", "/roles/grant", 403),
        ("operator", "/audit", 403),
        ("principal", "/roles/grant", 403),
        ("student", "/audit", 403),
    ],
)
def test_each_duty_has_its_own_pages(city, audience, path, status):
    assert city.visitor(audience).get(path).status == status


def test_a_parent_sees_both_children_and_no_other(city):
    visitor = city.visitor("guardian")
    home = visitor.get("/")
    assert "周禾" in home.words and "周穗" in home.words
    stranger = next(
        link
        for link in city.visitor("class_teacher").get("/people").links()
        if link.startswith("/people/0") and link not in home.links()
    )
    assert visitor.get(stranger).status == 403


def test_a_pupil_sees_only_herself(city):
    visitor = city.visitor("student")
    number = city.accounts["student"]["login"]
    assert visitor.get(f"/people/{number}").status == 200
    stranger = next(
        link
        for link in city.visitor("class_teacher").get("/people").links()
        if link.startswith("/people/0") and not link.endswith(number)
    )
    assert visitor.get(stranger).status == 403
