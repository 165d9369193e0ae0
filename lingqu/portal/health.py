"""How the platform is doing, as one page shows it. The kernel's queues are read here; what only the outermost layer knows
(processes, disk, copies) comes through slots, filled in ``lingqu.config.health_parts``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from lingqu.kernel import clock, lags, outbox
from lingqu.kernel.models import AuditSeal, Message
from lingqu.kernel.slots import Slot
from lingqu.ui.figures import clock_time, short_day

GOOD, NEAR, OVER = "good", "near", "over"
LIMITS = {"outbox": 5.0, "jobs": 60.0, "messages": 300.0, "sealer": 10.0}
"""Seconds that the oldest waiting thing of a queue may be old."""
SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One part of the platform. ``state``: good, near (look at it) or over (act)."""

    title: str
    value: str
    state: str
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found, why it matters, and the command that tells more. ``level``: ok, hint or fault."""

    title: str
    why: str
    level: str
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Jobs of one kind."""

    name: str
    waiting: int
    running: int
    failed: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    name: str
    seconds: float
    limit: float
    waiting: int

    @property
    def state(self) -> str:
        return OVER if self.seconds > self.limit else NEAR if self.seconds * 2 > self.limit else GOOD


CARDS: Slot[None, tuple[Card, ...]] = Slot("portal.health_cards")
FINDINGS: Slot[None, tuple[Finding, ...]] = Slot("portal.health_findings")


def list_lags(told: dict[str, Any]) -> tuple[Lag, ...]:
    """Each queue against its limit, from the kernel's figures."""
    names = {
        "outbox": _("事件 → 各模块"),
        "jobs": _("后台任务"),
        "messages": _("短信与邮件"),
        "sealer": _("操作记录封存"),
    }
    return tuple(
        Lag(name=name, seconds=told[code]["seconds"], limit=LIMITS[code], waiting=told[code]["waiting"])
        for code, name in names.items()
    )


def worker_card(told: dict[str, Any]) -> Card:
    age = told["worker_seconds"]
    title = _("后台进程")
    if age is None:
        return Card(title=title, value=_("没有"), state=OVER, note=_("还没有任何后台进程报过到"))
    state = GOOD if age < 30 else OVER
    return Card(title=title, value=f"{age:.0f}", unit=_("秒前报到"), state=state, note=_("超过 30 秒视为停止"))


def seal_card(told: dict[str, Any]) -> Card:
    lag = told["sealer"]
    state = GOOD if lag["seconds"] <= LIMITS["sealer"] else OVER
    last = AuditSeal.objects.order_by("-number").values_list("number", "at").first()
    note = _("已封存 %(n)d 批，最近 %(at)s") % {"n": last[0], "at": _clock(last[1])} if last else _("还没有封存过")
    return Card(title=_("操作记录"), value=f"{lag['waiting']:,}", unit=_("条待封存"), state=state, note=note)


def failure_card(told: dict[str, Any]) -> Card:
    count = told["dead_letters"] + told["failed_jobs"] + told["failed_messages"]
    words = {"jobs": told["failed_jobs"], "events": told["dead_letters"], "messages": told["failed_messages"]}
    note = _("任务 %(jobs)d · 事件 %(events)d · 消息 %(messages)d") % words
    return Card(title=_("没有办成的"), value=f"{count:,}", unit=_("件"), state=NEAR if count else GOOD, note=note)


def _clock(at: datetime) -> str:
    return f"{short_day(at)} {clock_time(at)}"


QUEUES_SQL = """
SELECT task_name, count(*) FILTER (WHERE status = 'todo'), count(*) FILTER (WHERE status = 'doing'),
       count(*) FILTER (WHERE status = 'failed'), min(scheduled_at) FILTER (WHERE status = 'todo' AND scheduled_at <= now())
FROM procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed') GROUP BY task_name ORDER BY 4 DESC, 2 DESC, 1 LIMIT 12
"""


def list_queues() -> tuple[Queue, ...]:
    """Kinds of jobs that wait, run or failed, troubled ones first."""
    with connection.cursor() as cursor:
        cursor.execute(QUEUES_SQL)
        rows = cursor.fetchall()
    return tuple(
        Queue(name=name, waiting=waiting, running=running, failed=failed, oldest=oldest)
        for name, waiting, running, failed, oldest in rows
    )


def list_channels() -> list[dict[str, Any]]:
    """Messages since midnight by channel: sent, failed."""
    midnight = clock.now().astimezone(clock.ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Message.objects.filter(created_at__gte=midnight).values("channel").order_by("channel")
    counted = rows.annotate(
        sent=Count("id", filter=Q(state="sent")),
        waiting=Count("id", filter=Q(state="queued")),
        failed=Count("id", filter=Q(state__in=("failed", "expired"))),
    )
    return [dict(row) for row in counted]


def brief(actor: Any) -> list[Card]:
    """The parts that a home page may ask about: two statements, no walk over the queues."""
    outer = [card for cards in CARDS.collect(actor, None) for card in cards]
    return [*outer, worker_card({"worker_seconds": lags.worker_age()})]


def overview(actor: Any) -> dict[str, Any]:
    """Everything the page shows."""
    told = lags.lags()
    outer = [card for cards in CARDS.collect(actor, None) for card in cards]
    findings = [one for part in FINDINGS.collect(actor, None) for one in part]
    cards = [*outer, worker_card(told), seal_card(told), failure_card(told)]
    return {
        "at": clock.now(), "cards": cards, "lags": list_lags(told), "queues": list_queues(),
        "letters": outbox.list_dead(SHOWN) if told["dead_letters"] else (), "channels": list_channels(),
        "findings": [one for one in findings if one.level != "ok"],
        "passed": sum(1 for one in findings if one.level == "ok"), "checked": len(findings),
        "to_do": sum(1 for card in cards if card.state == OVER), "to_watch": sum(1 for card in cards if card.state == NEAR),
    }  # fmt: skip
