"""What the vendor has to type on the side of the tool."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lingqu.foundation.applications import api as applications

from ..models import Tool
from .claims import issuer
from .launching import address


def addresses(app: applications.App | None, tool: Tool | None) -> tuple[tuple[str, str], ...]:
    """Labelled values; placeholders before the application, or its settings, exist."""
    return (
        (_("平台编号（issuer）"), issuer()), ("client_id", app.client_id if app else "lq…"),
        (_("部署编号（deployment_id）"), str(tool.id) if tool else _("保存设置后给出")),
        (_("授权网址"), address("auth")), (_("令牌网址"), address("token")), (_("平台公钥（JWKS）"), address("jwks")),
    )  # fmt: skip
