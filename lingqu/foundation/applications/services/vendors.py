"""Firms that offer applications, and the accounts that work for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.identity import api as identity
from lingqu.kernel import audit, crypto
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from .. import policies
from ..models import Vendor, VendorMember
from ..types import rights

SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PHONE = re.compile(r"\+?[0-9][0-9 -]{4,19}")
MOST_MEMBERS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Firm:
    """What a firm says about itself."""

    name: str
    credit_code: str
    contact_name: str
    phone: str


def is_credit_code(text: str) -> bool:
    """统一社会信用代码: 18 signs, the last a check sign modulo 31 (GB 32100)."""
    if len(text) != 18 or any(sign not in SIGNS for sign in text):
        return False
    total = sum(SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(text[:17]))
    return SIGNS[-total % 31] == text[17]


@transaction.atomic
def register_vendor(*, actor: Actor, firm: Firm) -> UUID:
    """The firm of a developer account, once; it belongs to the region in which the account is a developer."""
    if not actor.has(rights.DEVELOP) or actor.account_id is None or actor.organisation_id is None:
        raise Forbidden()
    if policies.vendor_of(actor) is not None:
        raise Conflict(_("您的账号已经属于一家单位。"))
    code = firm.credit_code.strip().upper()
    _check(firm, code)
    if Vendor.objects.filter(organisation_id=actor.organisation_id, credit_code=code).exists():
        raise Conflict(_("这家单位已经登记过，请由它的同事把您的账号加进去。"))
    made = Vendor.objects.create(
        name=firm.name.strip(), credit_code=code, contact_name=firm.contact_name.strip(),
        contact=crypto.seal_fields({"phone": firm.phone.strip()}), organisation_id=actor.organisation_id,
    )  # fmt: skip
    VendorMember.objects.create(vendor=made, account_id=actor.account_id)
    audit.record(
        actor, "applications.vendor_registered", subject_kind="vendor", subject_id=made.id, path=actor.path or None
    )
    return made.id


@transaction.atomic
def add_member(*, actor: Actor, login: str) -> None:
    """A colleague: another account with the role of a developer."""
    vendor = Vendor.objects.select_for_update().get(id=policies.get_vendor(actor))
    account = identity.find_account(login.strip().lower())
    if account is None or not identity.actor_for(account, "vendor").has(rights.DEVELOP):
        raise Invalid(_("没有这个登录名的开发者账号。"), details={"login": _("没有这个登录名的开发者账号。")})
    if VendorMember.objects.filter(account_id=account.id).exists():
        raise Conflict(_("这个账号已经属于一家单位。"))
    if vendor.members.count() >= MOST_MEMBERS:
        raise Conflict(_("一家单位最多 %(most)d 个账号。") % {"most": MOST_MEMBERS})
    VendorMember.objects.create(vendor=vendor, account_id=account.id)
    audit.record(
        actor, "applications.vendor_member_added", subject_kind="vendor", subject_id=vendor.id, path=actor.path or None,
        data={"account": str(account.id)},
    )  # fmt: skip


def _check(firm: Firm, code: str) -> None:
    faults = {}
    if not 2 <= len(firm.name.strip()) <= 100:
        faults["name"] = _("请写单位全称。")
    if not is_credit_code(code):
        faults["credit_code"] = _("统一社会信用代码是 18 位，请照营业执照填写。")
    if not 1 <= len(firm.contact_name.strip()) <= 50:
        faults["contact_name"] = _("请写联系人。")
    if not PHONE.fullmatch(firm.phone.strip()):
        faults["phone"] = _("请写联系电话。")
    if faults:
        raise Invalid(next(iter(faults.values())), details=faults)
