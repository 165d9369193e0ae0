"""Finding accounts: by what somebody types at the door, and by person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock, crypto, home
from lingqu.kernel.errors import NotFound

from .. import register
from ..models import Account
from ..types.words import AccountState

PHONE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")
INVENTED_PHONE = re.compile(r"120\d{8}")
"""Numbers of the demo city: the prefix belongs to no mobile network, so a real home refuses it."""
PERSON_NUMBER = re.compile(r"\d{12}")
MOST_LOGIN, MOST_BEHIND_A_PHONE = 100, 6


def normalised_login(text: str) -> str:
    """What was typed, without spaces, full-width forms and case."""
    return "".join(unicodedata.normalize("NFKC", text[: MOST_LOGIN * 2]).split())[:MOST_LOGIN].lower()


def normalised_phone(text: str) -> str:
    """Eleven digits of a mobile number of the mainland, in a demo home also an invented one; empty if it is none."""
    plain = re.sub(r"[\s()（）-]", "", unicodedata.normalize("NFKC", text))
    if found := PHONE.fullmatch(plain):
        return found.group(1)
    return plain if INVENTED_PHONE.fullmatch(plain) and home.is_demo() else ""


def phone_blind(phone: str) -> UUID:
    """Digest by which phones are stored and found, the same as the register's."""
    return crypto.blind("phone", phone)


def find_accounts_by_login(login: str) -> tuple[Account, ...]:
    """Accounts that a normalised login means, whatever their state; several only behind a verified phone.

    Person number, a duty account's name, verified phone or e-mail, ``学校代码-工号``. Never by 学籍号 or ID number, and
    never by a phone that was only imported: those are not looked up here at all.
    """
    known = Account.objects.select_related("person")
    if "@" in login:
        return tuple(_present(found) for found in known.filter(verified_email=login)[:1])
    if is_phone(login):
        behind = known.filter(verified_phone_blind=phone_blind(normalised_phone(login)), state="active")
        return tuple(dict.fromkeys(_present(found) for found in behind.order_by("id")[:MOST_BEHIND_A_PHONE]))
    found = known.filter(login=login).first()
    if found is None and "-" in login:
        found = _by_staff_number(login)
    return (_present(found),) if found else ()


def is_phone(login: str) -> bool:
    return bool(normalised_phone(login)) and not PERSON_NUMBER.fullmatch(login)


def _by_staff_number(login: str) -> Account | None:
    """Codes and staff numbers may hold dashes themselves; letters of either are stored as the school writes them."""
    parts = login.split("-")
    for at in range(1, min(len(parts), 5)):
        code, number = "-".join(parts[:at]), "-".join(parts[at:])
        for spelled in dict.fromkeys(((code, number), (code.upper(), number.upper()), (code, number.upper()))):
            person = registry.find_person_by_staff_number(*spelled)
            if person is not None:
                return Account.objects.filter(person_id=person.id).select_related("person").first()
    return None


def _present(account: Account) -> Account:
    """The one account by which the person signs in, whichever record's login was typed."""
    person = account.person
    if person is None or (person.canonical_id is None and account.state != AccountState.NEW):
        return account
    return _working_account(person.canonical_id or person.id) or account


def _working_account(canonical_id: UUID) -> Account | None:
    """The canonical record's account; while nobody has opened that one, the one of a merged record that is in use.

    So a merge takes nobody's sign-in away, and there is never more than one.
    """
    theirs = Account.objects.filter(person_id__in=registry.ids_of(canonical_id)).select_related("person")
    found = sorted(theirs, key=lambda one: one.person_id != canonical_id)
    own = next((one for one in found if one.person_id == canonical_id), None)
    if own is not None and own.state != AccountState.NEW:
        return own
    opened = [one for one in found if one.activated_at is not None and one.state != AccountState.NEW]
    return max(opened, key=lambda one: one.activated_at or clock.now(), default=own)


def get_account(account_id: UUID) -> Account:
    found = Account.objects.filter(id=account_id).select_related("person").first()
    if found is None:
        raise NotFound(_("没有这个账号。"))
    return found


def find_account(login: str) -> Account | None:
    """The account with exactly this login."""
    return Account.objects.filter(login=login).select_related("person").first()


def find_account_of(person_id: UUID) -> Account | None:
    """The account by which a person signs in today."""
    return _working_account(register.canonical_id(person_id))


def accounts_of_person(person_id: UUID) -> Sequence[UUID]:
    """Ids of the accounts of all ids that stand for the person."""
    return list(Account.objects.filter(person_id__in=registry.ids_of(person_id)).values_list("id", flat=True))


def mask_email(address: str) -> str:
    """``su***@school.example``."""
    name, _at, domain = address.partition("@")
    return f"{name[:2]}***@{domain}" if domain else ""


def mask_phone(phone: str) -> str:
    """``138****0016``."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) == 11 else ""


def name_of(account: Account) -> str:
    """Printed name of an account's holder."""
    return account.person.name if account.person else account.name
