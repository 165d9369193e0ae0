"""Accounts come into being, passwords set in bulk, codes handed out, roles kept apart."""

from __future__ import annotations

import argparse
import re
from datetime import timedelta

import pytest
from django.db import connection

from lingqu.foundation.identity import api as identity
from lingqu.foundation.identity import cli, policies, testing
from lingqu.foundation.identity.models import Account, ActivationCode, RoleAssignment
from lingqu.foundation.identity.services import codes
from lingqu.foundation.registry import api as registry
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.models import AuditEntry, Change
from lingqu.kernel.testing import actor_with

pytestmark = pytest.mark.django_db
GRANT, RESET = identity.rights.ROLE_GRANT, identity.rights.ACCOUNT_RESET


def people_table(people: list) -> str:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE IF NOT EXISTS new_people (person_id uuid, number text)")
        cursor.execute("TRUNCATE new_people")
        cursor.executemany("INSERT INTO new_people VALUES (%s, %s)", [(one.id, one.number) for one in people])
    return "new_people"


def test_accounts_are_opened_once_each_without_a_password() -> None:
    people = [testing.make_person(f"人{at}") for at in range(3)]
    assert identity.open_accounts(people_table=people_table(people)) == 3
    assert identity.open_accounts(people_table=people_table([*people, testing.make_person("人4")])) == 1
    held = Account.objects.filter(person__in=people)
    assert sorted(held.values_list("login", "state", "password")) == sorted((one.number, "new", "") for one in people)
    assert Change.objects.filter(entity="identity.account", operation="c").count() == 4


def test_a_table_name_is_only_a_name() -> None:
    with pytest.raises(ValueError, match="not a table name"):
        identity.open_accounts(people_table="x; DROP TABLE identity_account")


def test_one_password_for_many_is_hashed_once(monkeypatch) -> None:
    hashed = []
    original = identity.set_password.__globals__["hashing"].make_hash
    monkeypatch.setattr(
        identity.set_password.__globals__["hashing"], "make_hash", lambda p: hashed.append(p) or original(p)
    )
    ids = [testing.account_for(testing.make_person(), password="").id for _at in range(3)]
    assert identity.set_password(ids, "Together-2026") == 3
    assert hashed == ["Together-2026"]
    assert set(Account.objects.filter(id__in=ids).values_list("state", "epoch")) == {("active", 1)}


def test_only_the_platform_sets_passwords() -> None:
    with pytest.raises(Forbidden):
        identity.set_password([], "Together-2026", actor=actor_with(RESET))


def test_a_duty_account_has_its_role_or_is_not_there() -> None:
    root = registry.ensure_root()
    account = identity.open_duty_account(
        actor=testing.SYSTEM, name="审计员甲", login="audit.a", role="auditor", organisation=root
    )
    assert (account.person_id, account.name, account.state) == (None, "审计员甲", "new")
    assert list(account.roles.values_list("role", "organisation_id")) == [("auditor", root.id)]
    with pytest.raises(Conflict) as refused:
        identity.open_duty_account(actor=testing.SYSTEM, name="乙", login="audit.a", role="auditor", organisation=root)
    assert refused.value.code == "login_taken"
    with pytest.raises(Forbidden):
        identity.open_duty_account(
            actor=actor_with("x", path=str(root.path)), name="乙", login="audit.b", role="auditor", organisation=root
        )


@pytest.mark.parametrize("login", ["001000000019", "Audit", "a", "审计", "a-b", "13800000000"])
def test_a_duty_login_never_looks_like_a_number(login: str) -> None:
    with pytest.raises(Invalid):
        identity.open_duty_account(
            actor=testing.SYSTEM, name="甲", login=login, role="auditor", organisation=registry.ensure_root()
        )


@pytest.mark.parametrize("held", ["system_admin", "security_admin", "auditor"])
@pytest.mark.parametrize("wanted", ["system_admin", "security_admin", "auditor", "operator", "bureau_leader"])
def test_separated_duties_exclude_each_other(held: str, wanted: str) -> None:
    root = registry.ensure_root()
    account = testing.duty_account(held)
    if held == wanted:
        identity.grant_role(actor=testing.SYSTEM, account=account, role=wanted, organisation=root)
        assert account.roles.count() == 1
        return
    with pytest.raises(Conflict) as refused:
        identity.grant_role(actor=testing.SYSTEM, account=account, role=wanted, organisation=root)
    assert refused.value.code == "duties_exclude_each_other"
    assert list(account.roles.values_list("role", flat=True)) == [held]


def test_duties_are_apart_for_every_account_of_one_person() -> None:
    root, kept = registry.ensure_root(), testing.make_person("留下的")
    merged = testing.make_person("并入的")
    first, second = testing.account_for(kept), testing.account_for(merged)
    merged.canonical = kept
    merged.save(update_fields=["canonical"])
    identity.grant_role(actor=testing.SYSTEM, account=first, role="auditor", organisation=root)
    with pytest.raises(Conflict):
        identity.grant_role(actor=testing.SYSTEM, account=second, role="security_admin", organisation=root)


def test_who_may_grant_where() -> None:
    root = registry.ensure_root()
    school, other = testing.make_school(), testing.make_school("3301000002", "另一所")
    account = testing.account_for(testing.make_person(organisation=school))
    soon = now() + timedelta(days=30)
    table = [
        (actor_with(GRANT, path=str(root.path)), school, "school_admin", True),
        (actor_with(GRANT, path=str(school.path)), school, "register_officer", True),
        (actor_with(GRANT, path=str(other.path)), school, "school_admin", False),
        (actor_with(identity.rights.ROLE_VIEW, path=str(root.path)), school, "school_admin", False),
        (actor_with(GRANT, path=str(root.path), account_id=account.id), school, "school_admin", False),
        (actor_with(GRANT, path=str(root.path)), root, "security_admin", False),
        (actor_with(GRANT, path=str(root.path)), school, "student", False),
    ]
    for actor, place, role, allowed in table:
        if allowed:
            identity.grant_role(actor=actor, account=account, role=role, organisation=place, until=soon)
        else:
            with pytest.raises(Forbidden):
                identity.grant_role(actor=actor, account=account, role=role, organisation=place, until=soon)
    assert sorted(account.roles.values_list("role", flat=True)) == ["register_officer", "school_admin"]
    assert AuditEntry.objects.filter(action="identity.role.granted", subject_id=str(account.id)).count() == 2


def test_who_may_reset_whom() -> None:
    school, other = testing.make_school(), testing.make_school("3301000002", "另一所")
    group = testing.make_class(school)
    child, parent = testing.make_person("孩子", organisation=school), testing.make_person("家长", organisation=school)
    head = testing.make_person("校长", organisation=other)
    testing.seat(child, group)
    testing.guard(parent, child)
    testing.guard(head, child)
    testing.employ(head, other)
    accounts = [
        testing.account_for(child), testing.account_for(parent), testing.account_for(head),
        testing.duty_account("auditor"),
    ]  # fmt: skip
    by_class = actor_with(RESET, path=f"class:{group.id}")
    table = [
        (testing.SYSTEM, [True, True, True, True]),
        (actor_with(RESET, path=str(registry.ensure_root().path)), [True, True, True, False]),
        (actor_with(RESET, path=str(school.path)), [True, True, False, False]),
        (actor_with(RESET, path=str(other.path)), [False, False, True, False]),
        (by_class, [True, False, False, False]),
        (actor_with(identity.rights.ACCOUNT_VIEW, path=str(school.path)), [False] * 4),
    ]
    guardian_of_class = [policies.may_reset(by_class, one) for one in accounts]
    assert guardian_of_class == [True, True, False, False]
    for actor, expected in table:
        if actor is not by_class:
            assert [policies.may_reset(actor, one) for one in accounts] == expected


def test_codes_are_long_plain_hashed_and_replaced() -> None:
    account = testing.account_for(testing.make_person(), password="")
    [first] = identity.issue_codes(actor=testing.SYSTEM, account_ids=[account.id], purpose="pupil")
    [second] = identity.issue_codes(actor=testing.SYSTEM, account_ids=[account.id], purpose="pupil")
    assert re.fullmatch(r"[A-HJ-NP-Z2-9]{4}(-[A-HJ-NP-Z2-9]{4}){2}", first.code)
    assert len(set(codes.ALPHABET)) == 32
    assert not set("0O1I") & set(codes.ALPHABET)
    assert codes.LENGTH * 5 >= 60
    assert ActivationCode.objects.filter(voided_at=None).get().code_hash == codes.digest_of(second.code.lower())
    assert second.expires_at > now() + timedelta(days=1)
    with pytest.raises(Forbidden):
        identity.issue_codes(actor=actor_with("x"), account_ids=[account.id], purpose="pupil")
    testing.in_use(account.id)
    with pytest.raises(Invalid) as refused:
        identity.issue_codes(actor=testing.SYSTEM, account_ids=[account.id], purpose="pupil")
    assert refused.value.code == "account_state"


def test_the_command_opens_an_account_and_gives_its_code_once() -> None:
    root, parser = registry.ensure_root(), argparse.ArgumentParser()
    cli.add_verbs(parser.add_subparsers())
    options = parser.parse_args(
        ["account", "open", "--role", "operator", "--name", "操作员", "--login", "ops", "--organisation", root.code]
    )
    told = options.run(options)
    account = Account.objects.get(login="ops")
    assert (told["login"], told["role"], told["organisation"]) == ("ops", "operator", root.code)
    assert account.codes.get().code_hash == codes.digest_of(told["code"])
    assert RoleAssignment.objects.get(account=account).role == "operator"
    with pytest.raises(Conflict):
        options.run(options)
