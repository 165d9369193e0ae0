"""What an application sets for LTI, checked before it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from lingqu.foundation.applications import api as applications
from lingqu.foundation.oidc import api as oidc
from lingqu.kernel import audit, outgoing
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Invalid

from ..models import Launch, ResourceLink, Tool
from ..types.words import Service
from . import reading

MOST_URIS, MOST_CUSTOM, MOST_VALUE = 20, 30, 500
_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,100}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that the settings page asks. ``keys`` is a JWKS or one public key in PEM."""

    login_url: str = ""
    redirect_uris: tuple[str, ...] = ()
    target_url: str = ""
    deep_linking_url: str = ""
    jwks_url: str = ""
    keys: str = ""
    custom: str = ""
    services: tuple[str, ...] = field(default=())


@transaction.atomic
def save(*, actor: Actor, application_id: UUID, settings: Settings) -> Tool:
    """Make or change the settings. A service that was not allowed before is allowed by the bureau only. Raises
    :class:`Invalid` with a sentence per field."""
    tool = Tool.objects.select_for_update().filter(application_id=application_id).first()
    relaxes = bool(set(settings.services) - set(tool.services if tool else ()))
    place = applications.require_settings(actor=actor, application_id=application_id, relaxes=relaxes)
    values = checked(settings)
    before = {name: getattr(tool, name) for name in values} if tool else {}
    if tool is not None and (tool.jwks_url, tool.jwks) != (values["jwks_url"], values["jwks"]):
        Tool.objects.filter(id=tool.id).update(fetched=None, fetched_at=None, read_at=None)
    saved, _made = Tool.objects.update_or_create(
        application_id=application_id, defaults={**values, "changed_at": now()}
    )
    app = applications.get_application(application_id)
    ResourceLink.objects.update_or_create(
        tool=saved, class_group=None, sandbox_class=None, defaults={"title": app.name, "by": actor.name}
    )
    if changed := sorted(name for name, value in values.items() if before.get(name) != value):
        audit.record(
            actor, "lti.tool_saved", subject_kind="application", subject_id=application_id, path=place,
            data={"fields": changed, "services": values["services"]},
        )  # fmt: skip
    return saved


def allowed_services(app: applications.App, tool: Tool) -> tuple[str, ...]:
    """What the bureau allowed; while the application is in the sandbox every service, as it reads invented people only."""
    return tuple(Service.values) if app.is_sandbox else tuple(tool.services)


def stop(application_id: UUID) -> None:
    """Nothing that was given to the tool before is good again, also when the application is let in again."""
    Tool.objects.filter(application_id=application_id).update(stopped_at=now())
    Launch.objects.filter(tool__application_id=application_id).delete()


def checked(settings: Settings) -> dict[str, Any]:
    """The columns of the row. Raises :class:`Invalid`."""
    errors: dict[str, str] = {}
    for name, told in (("login_url", _("请填写登录网址。")), ("target_url", _("请填写打开的网址。"))):
        if not getattr(settings, name):
            errors[name] = told
    for name in ("login_url", "target_url", "deep_linking_url"):
        uri = getattr(settings, name)
        if uri and (told := oidc.fault_of_uri(uri)):
            errors[name] = told
    if not settings.redirect_uris:
        errors["redirect_uris"] = _("至少要登记一个回调地址。")
    elif len(settings.redirect_uris) > MOST_URIS:
        errors["redirect_uris"] = _("最多登记%(n)d个地址。") % {"n": MOST_URIS}
    elif told := next(filter(None, map(oidc.fault_of_uri, settings.redirect_uris)), ""):
        errors["redirect_uris"] = told
    keys = read_keys(settings.keys) if settings.keys.strip() else None
    if settings.keys.strip() and keys is None:
        errors["keys"] = _("请粘贴公钥：PEM 格式的 RSA 公钥，或只含公钥的 JWKS。")
    if settings.jwks_url:
        try:
            outgoing.check_address(settings.jwks_url)
        except outgoing.OutgoingRefused as refusal:
            errors["jwks_url"] = refusal.message
    elif not settings.keys.strip():
        errors["jwks_url"] = _("请填写公钥网址，或在下面粘贴公钥。")
    if not set(settings.services) <= set(Service.values):
        errors["services"] = _("没有这样的服务。")
    custom, told = read_custom(settings.custom)
    if told:
        errors["custom"] = told
    if errors:
        raise Invalid(_("有几项需要修改。"), details=errors)
    return {
        "login_url": settings.login_url, "redirect_uris": list(settings.redirect_uris), "target_url": settings.target_url,
        "deep_linking_url": settings.deep_linking_url, "jwks_url": settings.jwks_url, "jwks": keys, "custom": custom,
        "services": sorted(set(settings.services)),
    }  # fmt: skip


def read_keys(text: str) -> dict[str, Any] | None:
    """A set of public keys, or one public RSA key in PEM as a set; None for anything else, a private key above all."""
    if not text.strip().startswith("-----BEGIN PUBLIC KEY-----"):
        return oidc.read_keys(text)
    try:
        key = RSAKey.import_key(text.strip())
    except (JoseError, ValueError):
        return None
    key.ensure_kid()
    return None if key.is_private else {"keys": [key.as_dict(private=False)]}


def read_custom(text: str) -> tuple[dict[str, str], str]:
    """``name=value`` a line, and what is wrong with it."""
    found: dict[str, str] = {}
    for at, line in enumerate(filter(None, map(str.strip, text.splitlines())), start=1):
        name, sign, value = (part.strip() for part in line.partition("="))
        if not sign or not _NAME.match(name) or len(value) > MOST_VALUE:
            return {}, _("第 %(n)d 行要写成“名称=值”，名称只用字母、数字和 _ . : -。") % {"n": at}
        found[name] = value
    if len(found) > MOST_CUSTOM:
        return {}, _("最多写 %(n)d 个参数。") % {"n": MOST_CUSTOM}
    return found, ""


def given_custom(values: Any) -> dict[str, str]:
    """Custom parameters as a tool sends them with a resource: what is not a short text by a plain name is left out."""
    if not isinstance(values, Mapping):
        return {}
    fit = {
        str(name): reading.text(value, MOST_VALUE)
        for name, value in values.items()
        if isinstance(value, str | int | float) and _NAME.match(str(name))
    }
    return dict(list(fit.items())[:MOST_CUSTOM])
