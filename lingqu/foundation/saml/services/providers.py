"""The service provider of an application: taken from its metadata."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lingqu.foundation.applications import api as applications
from lingqu.kernel import audit
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Invalid

from ..models import Provider
from ..reading import check_url, checked_certificate, read_metadata
from ..types import POST, BadMessage, Endpoint, Metadata


def metadata_from(data: bytes) -> Metadata:
    """Metadata as uploaded. Raises :class:`Invalid` with the reason."""
    try:
        return read_metadata(data)
    except BadMessage as fault:
        raise Invalid(
            _("这份元数据不能用：%(reason)s") % {"reason": fault}, details={"metadata": str(fault)}
        ) from fault


def metadata_of(*, entity_id: str, acs_url: str, certificate: str = "") -> Metadata:
    """What a provider without a metadata file says by hand."""
    try:
        check_url(acs_url)
        found = (checked_certificate(_plain(certificate)),) if certificate.strip() else ()
    except BadMessage as fault:
        raise Invalid(_("填写的内容不能用：%(reason)s") % {"reason": fault}) from fault
    if not entity_id.strip():
        raise Invalid(_("请填写 entityID。"), details={"entity_id": _("请填写 entityID。")})
    return Metadata(
        entity_id=entity_id.strip()[:1024], acs=(Endpoint(binding=POST, url=acs_url, is_default=True),),
        certificates=found, wants_signed_requests=bool(found),
    )  # fmt: skip


def set_provider(*, actor: Actor, application_id: UUID, metadata: Metadata) -> Provider:
    """Replace what is known of the application's service provider."""
    path = applications.require_settings(actor=actor, application_id=application_id)
    values: dict[str, Any] = {
        "entity_id": metadata.entity_id, "acs": [asdict(one) for one in metadata.acs],
        "slo": [asdict(one) for one in metadata.slo], "certificates": list(metadata.certificates),
        "wants_signed_requests": metadata.wants_signed_requests,
    }  # fmt: skip
    try:
        with transaction.atomic():
            made, _new = Provider.objects.update_or_create(application_id=application_id, defaults=values)
            audit.record(
                actor, "saml.provider.set", subject_kind="application", subject_id=application_id,
                path=path, data={"entity_id": metadata.entity_id},
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(_("这个 entityID 已登记给另一个应用。")) from error
    return made


def _plain(certificate: str) -> str:
    return "".join(line for line in certificate.splitlines() if not line.startswith("-----"))


def endpoints(rows: list[dict[str, Any]]) -> tuple[Endpoint, ...]:
    return tuple(Endpoint(**row) for row in rows)
