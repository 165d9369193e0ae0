"""Every audience of the demo signs in and stands where it should; nobody sees what is not theirs."""

from __future__ import annotations

import pytest

AUDIENCES = (
    "operator", "system_admin", "security_admin", "auditor", "bureau_leader", "register_officer", "county_admin", "city_admin",
    "principal", "school_admin", "class_teacher", "teacher", "student", "guardian", "reviewer", "expert", "vendor",
)  # fmt: skip


def test_there_is_one_account_for_each_audience(city):
    assert tuple(city.accounts) == AUDIENCES
    assert all(account["login"] and account["password"] for account in city.accounts.values())


@pytest.mark.parametrize("audience", AUDIENCES)
def test_each_audience_signs_in_and_reads_who_it_is(city, audience):
    visitor = city.visitor(audience)
    home = visitor.get("/")
    assert home.status == 200 and home.path == "/"
    me = visitor.get("/me")
    assert me.status == 200
    assert city.accounts[audience]["organisation"] in home.words + me.words


def test_counts_equal_what_was_asked_for(city):
    counts = city.counts
    assert counts["people"] == counts["accounts"] == 2_000
    assert counts["schools"] == 10
