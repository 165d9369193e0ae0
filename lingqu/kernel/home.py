"""What this installation is: demo or real, which node, which version last wrote its database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from . import feeds
from .errors import Conflict
from .models import HomeState

DEMO, REAL = "demo", "real"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """``kind`` is ``demo`` or ``real`` for life; ``version`` is the program version that last prepared the database."""

    kind: str
    node_code: str
    version: str
    created_at: datetime

    @property
    def is_demo(self) -> bool:
        return self.kind == DEMO


def find_home() -> Home | None:
    """None before the first start."""
    state = HomeState.objects.first()
    return _as_home(state) if state else None


def is_demo() -> bool:
    return HomeState.objects.filter(kind=DEMO).exists()


@transaction.atomic
def set_up(*, kind: str, node_code: str, version: str) -> Home:
    """Make the row on the first start, check and note the version on later ones. Repeating it changes nothing.

    Raises :class:`Conflict` when a real home is started as a demo or the reverse, or under another node code.
    """
    HomeState.objects.bulk_create(
        [HomeState(kind=kind, node_code=node_code, schema_version=version)], ignore_conflicts=True
    )
    state = HomeState.objects.select_for_update().get()
    if state.kind != kind:
        held = _("演示") if state.kind == DEMO else _("正式")
        raise Conflict(_("这个数据目录是%(kind)s环境，不能改作他用，请另选目录。") % {"kind": held}, code="home_kind")
    if state.node_code != node_code:
        raise Conflict(
            _("这个数据目录属于节点 %(code)s，节点代码不能更改。") % {"code": state.node_code}, code="home_node"
        )
    if state.schema_version != version:
        state.schema_version = version
        state.save(update_fields=["schema_version"])
    feeds.adopt_cluster()
    return _as_home(state)


def _as_home(state: HomeState) -> Home:
    return Home(kind=state.kind, node_code=state.node_code, version=state.schema_version, created_at=state.created_at)
