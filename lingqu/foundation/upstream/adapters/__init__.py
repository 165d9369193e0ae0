"""Every kind of platform above, behind one interface."""

from __future__ import annotations

from ..types import Kind
from .base import Adapter
from .cas import Cas
from .messengers import Dingtalk, Wechat, Wecom
from .oidc import Oidc
from .ticket import Ticket

ADAPTERS: dict[str, Adapter] = {
    Kind.OIDC: Oidc(), Kind.CAS: Cas(), Kind.TICKET: Ticket(), Kind.WECOM: Wecom(), Kind.DINGTALK: Dingtalk(),
    Kind.WECHAT: Wechat(),
}  # fmt: skip
__all__ = ["ADAPTERS", "Adapter"]
