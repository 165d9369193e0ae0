from __future__ import annotations

import pytest
from django.test import override_settings
from django.urls import path

from lingqu.kernel import navigation
from lingqu.kernel.actor import Actor, Right
from lingqu.kernel.slots import Slot

urlpatterns = [path(where, lambda request: None, name=name) for where, name in [
    ("", "home"), ("things", "things"), ("things/all", "all-things"), ("log", "log")]]  # fmt: skip


def signed_in(role: str = "teacher", *codes: str) -> Actor:
    return Actor(kind="account", name="A", role=role, rights=tuple(Right(code, "1") for code in codes))


@pytest.fixture(autouse=True)
def tree(monkeypatch):
    monkeypatch.setattr(navigation, "_GROUPS", {})
    monkeypatch.setattr(navigation, "_ENTRIES", {})
    with override_settings(ROOT_URLCONF=__name__):
        navigation.group("work", "工作", order=2)
        navigation.group("first", "开始", order=1)
        navigation.add("首页", "home", place="bar")
        navigation.add("全部", "all-things", group="work", rights=("thing.view",), order=2, badge=lambda actor: 3)
        navigation.add("事项", "things", group="work", audiences=("teacher",), order=1)
        navigation.add("日志", "log", group="first", audiences=("auditor",), rights=("log.view",))
        navigation.add("失效", "no-such-address", group="work")
        yield


@pytest.mark.parametrize(
    ("actor", "rail"),
    [
        (Actor.anonymous(), []),
        (signed_in("guardian"), []),
        (signed_in("teacher"), [("工作", ["事项"])]),
        (signed_in("teacher", "thing.view"), [("工作", ["事项", "全部"])]),
        (signed_in("auditor"), [("开始", ["日志"])]),
        (signed_in("teacher", "log.view"), [("开始", ["日志"]), ("工作", ["事项"])]),
    ],
)
def test_the_rail_shows_what_role_or_rights_open(actor, rail):
    shown = navigation.entries_for(actor)
    assert [(group.label, [entry.label for entry in group.entries]) for group in shown.rail] == rail
    assert [entry.label for entry in shown.bar] == (["首页"] if actor.is_signed_in else [])


def test_badge_and_current_entry():
    shown = navigation.entries_for(signed_in("teacher", "thing.view"), "/things/all/7")
    assert [(e.url, e.badge, e.is_current) for e in shown.rail[0].entries] == [
        ("/things", 0, False),
        ("/things/all", 3, True),
    ]
    assert not navigation.entries_for(signed_in(), "/thingsandmore").rail[0].entries[0].is_current


def test_a_second_discovery_adds_nothing():
    navigation.add("事项", "things", group="work")
    assert len(navigation.list_entries()) == 5


def test_slots_are_filled_in_order_and_by_right():
    slot: Slot[int, str] = Slot("test.panels")
    slot.fill("late", lambda actor, given: f"late {given}", order=9)
    slot.fill("early", lambda actor, given: f"early {given}", order=1, rights=("thing.view",))
    slot.fill("empty", lambda actor, given: None)
    assert slot.collect(signed_in(), 7) == ("late 7",)
    assert slot.collect(signed_in("teacher", "thing.view"), 7) == ("early 7", "late 7")
    assert slot.names == ("late", "early", "empty")
