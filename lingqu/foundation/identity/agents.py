"""What a browser calls itself, in words that its owner recognises: "Edge · Windows". Nothing is decided by it."""

from __future__ import annotations

from django.utils.translation import gettext as _

BROWSERS = (
    ("MicroMessenger", "微信"), ("wxwork", "企业微信"), ("DingTalk", "钉钉"), ("360SE", "360"), ("QQBrowser", "QQ"),
    ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)  # fmt: skip
"""The first that fits: every browser of today also calls itself by the names further down."""
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("OpenHarmony", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"),
    ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def words_of(agent: str) -> str:
    """``Edge · Windows``; a plain word when neither is known."""
    found = [name for table in (BROWSERS, SYSTEMS) if (name := _first(table, agent))]
    return " · ".join(found) or _("未知设备")


def _first(table: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for sign, name in table if sign in agent), "")
