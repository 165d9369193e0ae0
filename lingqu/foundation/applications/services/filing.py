"""What a bureau must ask about an application, and what is still missing before it can be submitted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import crypto
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Invalid

from .. import policies
from ..models import ApplicationFiling
from .registering import locked, trace
from .vendors import PHONE, is_credit_code

MOST_TEXT = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """The form. ``emergency_phone`` is sealed when kept."""

    provider_record: str = ""
    user_record: str = ""
    icp_record: str = ""
    record_until: date | None = None
    protection_level: int | None = None
    protection_tested_on: date | None = None
    protection_until: date | None = None
    credit_code: str = ""
    data_place: str = ""
    sdks: str = ""
    fees: str = ""
    data_return: str = ""
    emergency_name: str = ""
    emergency_phone: str = ""


TEXTS = (
    "provider_record", "user_record", "icp_record", "credit_code", "data_place", "sdks", "fees", "data_return",
    "emergency_name",
)  # fmt: skip
OTHERS = ("record_until", "protection_level", "protection_tested_on", "protection_until")


@transaction.atomic
def save_filing(*, actor: Actor, application_id: UUID, filing: Filing) -> None:
    """Keep the form as far as it is filled; what is filled has to be right."""
    row = locked(application_id)
    require(policies.may_change_filing(actor, row))
    _check(filing)
    kept = ApplicationFiling.objects.select_for_update().get(application=row)
    values: dict[str, Any] = {name: getattr(filing, name).strip() for name in TEXTS}
    values |= {name: getattr(filing, name) for name in OTHERS}
    changed = sorted(name for name, value in values.items() if getattr(kept, name) != value)
    for name, value in values.items():
        setattr(kept, name, value)
    if filing.emergency_phone.strip():
        kept.emergency_contact = crypto.seal_fields({"phone": filing.emergency_phone.strip()})
        changed.append("emergency_phone")
    if {"record_until", "protection_until"} & set(changed):
        kept.reminded_on = None
    kept.updated_at = now()
    kept.save()
    trace(actor, "applications.filing_changed", row, fields=changed)


def missing_of(application: Any) -> tuple[str, ...]:
    """What a submission still lacks, as sentences. ``application`` is a row with its filing."""
    filing, told = application.filing, []
    wanted = (
        (application.summary, _("写明应用简介")), (application.home_url or application.entry_url, _("写明应用网址")),
        (filing.provider_record, _("填提供者备案号")), (filing.icp_record, _("填 ICP 备案号")),
        (filing.protection_level and filing.protection_tested_on, _("填等保级别和测评日期")),
        (filing.credit_code, _("填统一社会信用代码")), (filing.data_place, _("写明数据存储地")),
        (filing.sdks, _("列出 SDK 清单，没有就写“无”")), (filing.fees, _("写明收费")),
        (filing.data_return, _("写明退出与数据返还")),
        (filing.emergency_name and filing.emergency_contact, _("填应急联系人和电话")),
        (application.logout_support or application.session_minutes, _("接收退出通知，或写明会话时长")),
    )  # fmt: skip
    for is_there, sentence in wanted:
        if not is_there:
            told.append(sentence)
    if not application.grants.filter(ended_at=None).exists():
        told.append(_("申请至少一项权限范围"))
    return tuple(told)


def _check(filing: Filing) -> None:
    faults: dict[str, str] = {}
    for name in TEXTS:
        if len(getattr(filing, name)) > MOST_TEXT:
            faults[name] = _("内容太长。")
    if filing.credit_code.strip() and not is_credit_code(filing.credit_code.strip().upper()):
        faults["credit_code"] = _("统一社会信用代码是 18 位，请照营业执照填写。")
    if filing.protection_level is not None and filing.protection_level not in (1, 2, 3, 4, 5):
        faults["protection_level"] = _("等保级别是 1 到 5。")
    tested, until = filing.protection_tested_on, filing.protection_until
    if tested and until and until <= tested:
        faults["protection_until"] = _("下次测评要在本次测评之后。")
    if filing.emergency_phone.strip() and not PHONE.fullmatch(filing.emergency_phone.strip()):
        faults["emergency_phone"] = _("电话号码的格式不对。")
    if faults:
        raise Invalid(next(iter(faults.values())), details=faults)
