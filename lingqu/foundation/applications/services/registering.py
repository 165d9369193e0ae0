"""Registering applications: by the operator and bureau, live at once, or by a vendor, as a draft in its sandbox."""

from __future__ import annotations

import secrets
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.identity import api as identity
from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, changes, outgoing
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now, today
from lingqu.kernel.errors import Conflict, Invalid
from lingqu.kernel.language import listed

from .. import policies, register
from ..models import Adoption, Application, ApplicationFiling, ScopeGrant
from ..selectors.apps import get_application
from ..types import rights
from ..types.scopes import SCOPES
from ..types.values import App
from ..types.words import AppState, Basis, SubjectType

MOST_NAME, MOST_SUMMARY = 60, 300
CATEGORIES = ("teaching", "homework", "lab", "health", "family", "office", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What describes an application. ``session_minutes`` is needed when it cannot log out; ``on_screen``: what
    it shows may be seen by a whole class."""

    name: str
    summary: str = ""
    category: str = "other"
    home_url: str = ""
    entry_url: str = ""
    audiences: Sequence[str] = ()
    logout_support: bool = False
    session_minutes: int | None = None
    on_screen: bool = False
    subject_type: str = SubjectType.PAIRWISE.value


def new_client_id() -> str:
    """``lq`` and 80 random bits."""
    return "lq" + b32encode(secrets.token_bytes(10)).decode().lower()


@transaction.atomic
def create_live(
    *, actor: Actor, details: Details, organisation_id: UUID | None = None, scopes: Sequence[str] = ("profile", "roles")
) -> App:
    """An application of the bureau itself, live and used by the place that owns it (the root without one)."""
    place = _place(organisation_id)
    require(actor.holds(rights.MANAGE, str(place.path)))
    row = _make(actor, details, place, vendor_id=None, state=AppState.LIVE)
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise Invalid(_("没有这样的权限范围：%(scopes)s。") % {"scopes": listed(unknown)})
    ScopeGrant.objects.bulk_create([
        ScopeGrant(
            application=row, scope=scope, basis=Basis.DUTY, purpose=_("由平台运营方开通"), granted_by=actor.name
        )
        for scope in dict.fromkeys(scopes)
        if scope != "openid"
    ])  # fmt: skip
    Adoption.objects.create(application=row, organisation=place, valid_from=today(), by=actor.name)
    return get_application(row.id)


@transaction.atomic
def create_draft(*, actor: Actor, details: Details, organisation_id: UUID) -> App:
    """A vendor's application: not live, entered only by its sandbox people."""
    vendor_id = policies.get_vendor(actor)
    place = _place(organisation_id)
    require(actor.holds(rights.DEVELOP, str(place.path)))
    return get_application(_make(actor, details, place, vendor_id=vendor_id, state=AppState.DRAFT).id)


@transaction.atomic
def change_details(*, actor: Actor, application_id: UUID, details: Details) -> App:
    """By the bureau at any time, by the vendor while nothing is under review. The kind of id is fixed once it was live."""
    row = locked(application_id)
    require(policies.may_change_filing(actor, row))
    if row.live_since is not None and details.subject_type != row.subject_type:
        raise Conflict(_("应用上架以后，用户编号的方式不能再改：对方保存的资料都靠它。"))
    _check(details)
    for name, value in _columns(details).items():
        setattr(row, name, value)
    row.updated_at = now()
    row.save()
    trace(actor, "applications.changed", row)
    return get_application(row.id)


@transaction.atomic
def note_logout_support(*, actor: Actor, application_id: UUID, is_supported: bool) -> None:
    """A protocol's settings now say, or no longer say, how the application is told of the end of a session."""
    row = locked(application_id)
    require(policies.may_keep_secrets(actor, row))
    if row.logout_support != is_supported:
        row.logout_support, row.updated_at = is_supported, now()
        row.save(update_fields=["logout_support", "updated_at"])
        trace(actor, "applications.changed", row, fields=["logout_support"])


def locked(application_id: UUID) -> Application:
    """The row for writing; :class:`NotFound` if there is none."""
    get_application(application_id)
    return Application.objects.select_for_update(of=("self",)).select_related("organisation").get(id=application_id)


def trace(actor: Actor, action: str, row: Application, **data: Any) -> None:
    """Audit row and change row of an application."""
    audit.record(
        actor, action, subject_kind="application", subject_id=row.id, path=row.organisation_path,
        data={"client_id": row.client_id, **data},
    )  # fmt: skip
    changes.log("applications.application", [row.id])


def _place(organisation_id: UUID | None) -> Any:
    if organisation_id is None:
        return registry.ensure_root()
    found = register.organisations().filter(id=organisation_id, closed_on=None).first()
    if found is None:
        raise Invalid(_("没有这个机构。"))
    return found


def _make(actor: Actor, details: Details, place: Any, *, vendor_id: UUID | None, state: str) -> Application:
    _check(details)
    is_live = state == AppState.LIVE
    row = Application.objects.create(
        client_id=new_client_id(), vendor_id=vendor_id, organisation=place, state=state, is_sandbox=not is_live,
        live_since=now() if is_live else None, **_columns(details),
    )  # fmt: skip
    ApplicationFiling.objects.create(application=row)
    trace(actor, "applications.registered", row, state=state)
    return row


def _columns(details: Details) -> dict[str, Any]:
    return {
        "name": details.name.strip(), "summary": details.summary.strip(), "category": details.category,
        "home_url": details.home_url, "entry_url": details.entry_url, "audiences": list(details.audiences),
        "logout_support": details.logout_support, "session_minutes": details.session_minutes,
        "subject_type": details.subject_type, "on_screen": details.on_screen,
    }  # fmt: skip


def _check(details: Details) -> None:
    faults: dict[str, str] = {}
    if not 1 <= len(details.name.strip()) <= MOST_NAME:
        faults["name"] = _("名称要写，最多 %(most)d 个字。") % {"most": MOST_NAME}
    if len(details.summary) > MOST_SUMMARY:
        faults["summary"] = _("简介最多 %(most)d 个字。") % {"most": MOST_SUMMARY}
    if details.category not in CATEGORIES:
        faults["category"] = _("没有这个类别。")
    if unknown := sorted(set(details.audiences) - set(identity.ROLES)):
        faults["audiences"] = _("没有这样的身份：%(roles)s。") % {"roles": listed(unknown)}
    if details.subject_type not in SubjectType.values:
        faults["subject_type"] = _("没有这种用户编号。")
    if details.session_minutes is not None and not 5 <= details.session_minutes <= 720:
        faults["session_minutes"] = _("会话时长要在 5 到 720 分钟之间。")
    for field in ("home_url", "entry_url"):
        if url := getattr(details, field):
            try:
                outgoing.check_address(url)
            except outgoing.OutgoingRefused as error:
                faults[field] = error.message
    if faults:
        raise Invalid(next(iter(faults.values())), details=faults)
