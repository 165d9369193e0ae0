"""Accounts come into being: one per person, set-based and without a password; duty accounts one by one."""

from __future__ import annotations

import re
from contextlib import nullcontext
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Conflict, Invalid

from .. import register
from ..models import Account
from ..types import rights
from .roles import grant_role

_TABLE_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}(\.[a-z_][a-z0-9_]{0,62})?")
_DUTY_LOGIN = re.compile(r"[a-z][a-z0-9_.]{2,39}")
_OPEN = """
    WITH opened AS (
        INSERT INTO identity_account (id, person_id, login, name, password, state, epoch,
                                      verified_email, last_role)
        SELECT uuidv7(), person_id, number, '', '', 'new', 0, '', '' FROM {people} {unless}
        RETURNING id
    )
    INSERT INTO kernel_change (entity, entity_id, operation) SELECT 'identity.account', id::text, 'c' FROM opened
"""
_UNLESS = """WHERE NOT EXISTS (SELECT 1 FROM identity_account held WHERE held.person_id = people.person_id)
        ORDER BY number ON CONFLICT (person_id) DO NOTHING"""


def open_accounts(*, people_table: str, newborn: bool = False, cursor: Any = None) -> int:
    """Open an account for every person of a (temporary) table that has none; returns how many were opened.

    ``people_table`` has the columns ``person_id uuid`` and ``number text``. Part of the caller's transaction and of
    the permission it checked; the caller writes the chunk's audit and outbox rows. Repeating it changes nothing.
    ``newborn``: each person stands there once and was made in this transaction, so nobody is looked up; were one
    of them to have an account all the same, the constraint on the person ends the transaction.
    """
    if not _TABLE_NAME.fullmatch(people_table):
        raise ValueError(f"not a table name: {people_table!r}")
    people = people_table if newborn else f"(SELECT DISTINCT person_id, number FROM {people_table}) people"  # noqa: S608
    with nullcontext(cursor) if cursor is not None else connection.cursor() as used:
        used.execute(_OPEN.format(people=people, unless="" if newborn else _UNLESS))
        return int(used.rowcount)


@transaction.atomic
def open_account_for(person_id: UUID) -> Account:
    """The account of one person, opened if there is none."""
    number = register.people().values_list("number", flat=True).get(id=person_id)
    account, is_new = Account.objects.get_or_create(person_id=person_id, defaults={"login": number})
    if is_new:
        changes.log("identity.account", [account.id], "c")
    return account


@transaction.atomic
def open_duty_account(*, actor: Actor, name: str, login: str, role: str, organisation: Any) -> Account:
    """An account that stands for no person of the register, with the one role it is for.

    Needs what granting the role needs. Its login begins with a letter, so it never looks like a person number, a
    phone or a staff number.
    """
    require(actor.holds(rights.ROLE_GRANT, str(organisation.path)))
    login, name = login.strip(), name.strip()
    if not _DUTY_LOGIN.fullmatch(login):
        raise Invalid(_("账号名用小写字母开头，只含小写字母、数字、点和下划线，3到40个字符。"), code="bad_login")
    if not name:
        raise Invalid(_("请填写账号的使用者或岗位名称。"), code="name_missing")
    account, is_new = Account.objects.get_or_create(login=login, defaults={"name": name})
    if not is_new:
        raise Conflict(_("账号名“%(login)s”已被使用。") % {"login": login}, code="login_taken")
    audit.record(
        actor, "identity.account.opened", subject_kind="account", subject_id=account.id, path=str(organisation.path)
    )
    changes.log("identity.account", [account.id], "c")
    grant_role(actor=actor, account=account, role=role, organisation=organisation)
    return account
