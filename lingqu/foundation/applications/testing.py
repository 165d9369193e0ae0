"""For tests of this module and those above: applications in any state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from lingqu.foundation.registry import api as registry
from lingqu.kernel import crypto
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today

from .models import (
    Adoption,
    Application,
    ApplicationFiling,
    ConsentBatch,
    LegacyAccount,
    ScopeGrant,
    Vendor,
    VendorMember,
)
from .selectors.apps import get_application
from .services.registering import Details, create_live
from .services.secrets import make_secret
from .types.values import App

SYSTEM = Actor.system("test")


def make_application(
    name: str = "口语小教练",
    *,
    scopes: Sequence[str] = ("profile", "roles"),
    by_consent: Sequence[str] = (),
    adopted_by: Sequence[Any] | None = None,
    organisation: Any = None,
    audiences: Sequence[str] = (),
    **columns: Any,
) -> App:
    """A live application of no protocol, of ``organisation`` (the root without one) and used there unless ``adopted_by``
    names others.

    ``by_consent`` are further scopes granted on the basis of consent; ``columns`` are set as they are.
    """
    made = create_live(
        actor=SYSTEM, details=Details(name=name, audiences=audiences), scopes=[*scopes, *by_consent],
        organisation_id=organisation.id if organisation else None,
    )  # fmt: skip
    ScopeGrant.objects.filter(application_id=made.id, scope__in=by_consent).update(basis="consent")
    if adopted_by is not None:
        Adoption.objects.filter(application_id=made.id).delete()
        for organisation in adopted_by:
            adopt(made, organisation)
    if columns:
        Application.objects.filter(id=made.id).update(**columns)
    return get_application(made.id)


def adopt(app: App, organisation: Any = None, **columns: Any) -> Adoption:
    """An organisation (the root without one) has used the application since yesterday."""
    return Adoption.objects.create(
        application_id=app.id, organisation=organisation or registry.ensure_root(),
        **{"valid_from": today() - timedelta(days=1), **columns},
    )  # fmt: skip


def make_vendor(account: Any, organisation: Any, name: str = "声谷科技（演示）") -> Vendor:
    """A firm of the region, for which the account works."""
    made = Vendor.objects.create(
        name=name, credit_code=f"TEST{Vendor.objects.count():014d}", contact_name="章予",
        contact=crypto.seal_fields({"phone": "12012345678"}), organisation=organisation,
    )  # fmt: skip
    VendorMember.objects.create(vendor=made, account=account)
    return made


def fill_filing(app: App) -> None:
    """Everything that a submission asks for."""
    Application.objects.filter(id=app.id).update(
        summary="练口语", home_url="https://app.example.cn/", session_minutes=60
    )
    ApplicationFiling.objects.filter(application_id=app.id).update(
        provider_record="教APP备3301234号", icp_record="浙ICP备2026000001号", protection_level=2,
        protection_tested_on=today() - timedelta(days=100), credit_code="91350100M000100Y43", data_place="杭州，不出境",
        sdks="无", fees="免费", data_return="停用后 30 天内返还并删除", emergency_name="章予",
        emergency_contact=crypto.seal_fields({"phone": "12012345678"}),
    )  # fmt: skip


def secret_of(app: App) -> str:
    """A fresh secret in clear."""
    return make_secret(actor=SYSTEM, application_id=app.id).value


def node_samples(world: Any) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Route name → arguments in the own and in the other node: an application of each county, with everything."""
    vendor = make_vendor(world.accounts["vendor"], world.own.county)
    nodes = (world.own, world.other)
    apps = [make_application(f"应用{node.school.code}", organisation=node.county) for node in nodes]
    Application.objects.filter(id=apps[0].id).update(vendor=vendor)
    adoptions = [adopt(app, node.school) for app, node in zip(apps, nodes, strict=True)]
    secrets = [make_secret(actor=SYSTEM, application_id=app.id) for app in apps]
    rows = [LegacyAccount.objects.create(application_id=app.id, vendor_user="u1", name="甲") for app in apps]
    batches = [
        ConsentBatch.objects.create(
            application_id=app.id, class_group=node.group, scopes=["phone"], digest="0" * 64, name="a.pdf",
            media_type="application/pdf", people=1, by="吴静",
        )
        for app, node in zip(apps, nodes, strict=True)
    ]  # fmt: skip
    ids = [{"client_id": app.client_id} for app in apps]
    plain = (
        "page", "edit", "filing", "grant_scope", "make_secret", "submit", "review", "change_state", "adopt", "requests",
        "releases", "releases_xlsx", "legacy", "legacy_again", "open", "icon", "set_icon",
    )  # fmt: skip
    return {
        **{f"applications:{name}": (ids[0], ids[1]) for name in plain},
        "applications:send_again": ({**ids[0], "notice_id": 1}, {**ids[1], "notice_id": 1}),
        "applications:end_scope": ({**ids[0], "scope": "profile"}, {**ids[1], "scope": "profile"}),
        "applications:revoke_secret": (
            {**ids[0], "secret_id": secrets[0].id}, {**ids[1], "secret_id": secrets[1].id}
        ),
        "applications:legacy_settle": ({**ids[0], "legacy_id": rows[0].id}, {**ids[1], "legacy_id": rows[1].id}),
        "applications:end_adoption": ({"adoption_id": adoptions[0].id}, {"adoption_id": adoptions[1].id}),
        "applications:paper_scan": ({"batch_id": batches[0].id}, {"batch_id": batches[1].id}),
        "applications:paper_withdraw": ({"batch_id": batches[0].id}, {"batch_id": batches[1].id}),
        **{f"applications:{name}": ({"number": world.own.pupil.number}, {"number": world.other.pupil.number})
           for name in ("linked_of", "agree")},
    }  # fmt: skip
