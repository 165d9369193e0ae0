"""Every route × every role × own and other node, generated from the URL resolver."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.roles import ROLES
from lingqu.kernel.access import Access, access_of
from lingqu.kernel.actor import Actor

from .world import Route, Samples, World, actor_of, routes

pytestmark = pytest.mark.django_db
LAST = ("cas:logout", "identity:lock_now", "identity:locked", "identity:sign_out")
"""Ends the session, so it is tried after everything else."""


def in_order() -> list[Route]:
    return sorted(routes(), key=lambda route: (route.name in LAST, route.name))


def ask(client: Client, route: Route, arguments: dict[str, Any], accept: str = "text/html") -> Any:
    """GET, or an empty POST where the page only takes that. A refusal as JSON costs a third of a page."""
    url = reverse(route.name, kwargs=arguments)
    answer = client.get(url, headers={"Accept": accept})
    return client.post(url, headers={"Accept": accept}) if answer.status_code == 405 else answer


def is_door(answer: Any) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith("/sign-in")


def may_enter(actor: Actor, access: Access, route: Route, world: World) -> bool | None:
    """Whether the declared rights reach the own sample; None where only the page itself can know."""
    if not any(actor.has(code) for code in access.codes):
        return False
    if set(route.arguments) == {"class_id"}:
        group = world.own.group
        reached = any(
            actor.holds(code, str(world.own.school.path)) or group.id in actor.things(code, "class")
            for code in access.codes
        )
        return None if reached else False
    if set(route.arguments) == {"code"}:
        reached = any(actor.holds(code, str(world.own.school.path)) for code in access.codes)
        return None if reached else False
    return None


def test_every_route_declares_its_access() -> None:
    assert [route.name for route in routes() if access_of(route.callback) is None] == []


def test_visitors_without_an_account_see_public_pages_only(kept_samples: Samples) -> None:
    wrong = []
    for route in in_order():
        client, access = Client(raise_request_exception=False), access_of(route.callback)
        answer = ask(client, route, kept_samples[route.name][0])
        if access is None or ((access.kind == "public") == is_door(answer) and route.name not in LAST):
            wrong.append((route.name, answer.status_code))
        if answer.status_code in (403, 500):
            wrong.append((route.name, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_reaches_what_is_declared_and_nothing_of_another_node(
    role: str, world: World, kept_samples: Samples
) -> None:
    account = world.accounts[role]
    actor = actor_of(account, role)
    assert actor.role == role
    client = testing.browser(account, raise_request_exception=False)
    wrong: list[tuple[Any, ...]] = []
    for route in in_order():
        access = access_of(route.callback)
        if access is None:
            wrong.append((route.name, "no declaration"))
            continue
        is_stopped_at_once = access.kind == "needs" and not any(actor.has(code) for code in access.codes)
        own = ask(client, route, kept_samples[route.name][0], "application/json" if is_stopped_at_once else "text/html")
        if own.status_code == 500:
            wrong.append((route.name, "own", 500))
        if access.kind == "needs":
            if is_door(own):
                wrong.append((route.name, "own", "sent to the door"))
            if may_enter(actor, access, route, world) is False and own.status_code not in (403, 404):
                wrong.append((route.name, "own", own.status_code))
            if route.arguments and not is_stopped_at_once:
                other = ask(client, route, kept_samples[route.name][1])
                if other.status_code not in (403, 404):
                    wrong.append((route.name, "other", other.status_code))
                elif other.status_code == 403 and "无权查看" not in other.content.decode():
                    wrong.append((route.name, "other", "says something else"))
    assert wrong == []


@pytest.mark.parametrize(
    ("role", "name", "status"),
    [
        ("class_teacher", "identity:class_accounts", 200), ("class_teacher", "identity:class_slips", 200),
        ("class_teacher", "identity:school_accounts", 403), ("class_teacher", "registry:class", 200),
        ("school_admin", "identity:school_accounts", 200), ("school_admin", "identity:class_slips", 200),
        ("county_admin", "identity:school_accounts", 200), ("principal", "identity:class_slips", 403),
        ("principal", "identity:school_accounts", 200), ("teacher", "identity:class_accounts", 403),
        ("teacher", "registry:class", 200), ("student", "identity:class_accounts", 403),
        ("student", "registry:person", 200), ("guardian", "registry:person", 200),
        ("guardian", "identity:class_accounts", 403), ("operator", "identity:class_slips", 403),
        ("operator", "registry:person", 403), ("system_admin", "identity:roles", 200),
        ("system_admin", "identity:grant_role", 403), ("system_admin", "identity:audit", 403),
        ("system_admin", "registry:people", 403), ("system_admin", "registry:person", 403),
        ("system_admin", "registry:class", 403), ("security_admin", "identity:grant_role", 200),
        ("security_admin", "registry:person", 403), ("security_admin", "identity:audit", 403),
        ("auditor", "identity:audit", 200), ("auditor", "identity:roles", 403),
        ("auditor", "registry:person", 403), ("bureau_leader", "registry:organisations", 302),
        ("bureau_leader", "registry:person", 403), ("register_officer", "registry:person", 200),
        ("vendor", "registry:person", 403),
    ],
)  # fmt: skip
def test_what_each_role_gets_in_its_own_node(
    role: str, name: str, status: int, world: World, kept_samples: Samples
) -> None:
    client = testing.browser(world.accounts[role], raise_request_exception=False)
    route = next(route for route in routes() if route.name == name)
    assert ask(client, route, kept_samples[name][0]).status_code == status
