"""Two counties with a school each, and somebody for every role in the first. Sample addresses for every route.

A module adds samples for its own routes by ``node_samples(world)`` in its ``testing.py``: a mapping from route name to
``(own, other)``, two dictionaries of the route's arguments. Arguments with the usual names need none: ``code`` is a
school's, ``class_id`` a class's, ``number`` a pupil's person number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from lingqu.foundation.identity import api as identity
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import Account
from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.ids import uuid7

GRANTED_AT_COUNTY = (
    "operator", "system_admin", "security_admin", "auditor", "bureau_leader", "register_officer", "county_admin",
    "reviewer", "expert", "vendor", "sandbox",
)  # fmt: skip
FOREIGN_ROUTES = ("accounts/", "static/")
Samples = dict[str, tuple[dict[str, Any], dict[str, Any]]]


@dataclass(slots=True)
class Node:
    """One county with one school, one class, one pupil and the pupil's parent."""

    county: Any
    school: Any
    group: Any
    pupil: Any
    parent: Any


@dataclass(slots=True)
class World:
    own: Node
    other: Node
    accounts: dict[str, Account] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    name: str
    pattern: str
    callback: Any
    arguments: tuple[str, ...]
    kinds: tuple[str, ...]
    """Of the arguments: names of their converters."""


def build_world() -> World:
    registry.ensure_school_year(registry.school_year_of(clock.today()))
    world = World(own=_node("1"), other=_node("2"))
    here = world.own
    for role in GRANTED_AT_COUNTY:
        world.accounts[role] = testing.duty_account(role, here.county)
    world.accounts["student"] = testing.account_for(here.pupil)
    world.accounts["guardian"] = testing.account_for(here.parent)
    for role, duty in (
        ("principal", "principal"), ("deputy_principal", "vice_principal"), ("moral_director", "moral_director"),
        ("academic_director", "academic_director"), ("school_admin", "school_admin"), ("class_teacher", "head_teacher"),
    ):  # fmt: skip
        person = _employed(role, here)
        testing.give_duty(person, duty, here.school, here.group if duty == "head_teacher" else None)
        world.accounts[role] = testing.account_for(person)
    clerk = testing.make_person("staff", organisation=here.county)
    testing.employ(clerk, here.county, post="33")
    world.accounts["staff"] = testing.account_for(clerk)
    teacher = _employed("teacher", here)
    testing.teach(teacher, here.group)
    world.accounts["teacher"] = testing.account_for(teacher)
    return world


def _node(mark: str) -> Node:
    county = testing.make_school(f"33010{mark}", f"县{mark}", kind="region")
    school = testing.make_school(f"330{mark}000001", f"学校{mark}", parent=county)
    group = testing.make_class(school)
    pupil = testing.make_person(f"学生{mark}", organisation=school)
    parent = testing.make_person(f"家长{mark}", organisation=school)
    testing.seat(pupil, group)
    testing.guard(parent, pupil)
    return Node(county=county, school=school, group=group, pupil=pupil, parent=parent)


def _employed(name: str, node: Node) -> Any:
    person = testing.make_person(name, organisation=node.school)
    testing.employ(person, node.school)
    return person


def routes() -> tuple[Route, ...]:
    """Every address of the platform that is ours."""
    found: list[Route] = []

    def walk(patterns: list[URLPattern | URLResolver], prefix: str, space: str) -> None:
        for entry in patterns:
            whole = prefix + str(entry.pattern)
            if isinstance(entry, URLResolver):
                walk(entry.url_patterns, whole, f"{entry.namespace}:" if entry.namespace else space)
            elif entry.name and not whole.startswith(FOREIGN_ROUTES):
                given = entry.pattern.converters
                kinds = tuple(type(one).__name__ for one in given.values())
                found.append(Route(f"{space}{entry.name}", whole, entry.callback, tuple(given), kinds))

    walk(get_resolver().url_patterns, "", "")
    return tuple(found)


def samples(world: World) -> Samples:
    """Arguments in the own and in the other node, by route name."""
    given: Samples = {}
    for config in apps.get_app_configs():
        module = f"{config.name}.testing"
        if config.name.startswith("lingqu.") and find_spec(module) is not None:
            offered = getattr(import_module(module), "node_samples", None)
            if offered is not None:
                given.update(offered(world))
    for route in routes():
        given.setdefault(route.name, (_usual(route, world.own), _usual(route, world.other)))
    return given


def _usual(route: Route, node: Node) -> dict[str, Any]:
    """Arguments by their names; what is not known stands for nothing that exists."""
    known = {"code": node.school.code, "class_id": node.group.id, "number": node.pupil.number}
    unknown = {"uuid": uuid7(), "int": 987654321}
    return {
        name: known.get(name, unknown["uuid" if kind == "UUIDConverter" else "int"])
        for name, kind in zip(route.arguments, route.kinds, strict=True)
    }


def actor_of(account: Account, role: str) -> Any:
    return identity.actor_for(account, role)
