"""Values of posted forms, cut to size; what cannot be read is said by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from lingqu.kernel.errors import Conflict, Invalid

Values = dict[str, Any]


def text(request: HttpRequest, name: str, most: int = 5000) -> str:
    return request.POST.get(name, "")[:most].replace("\0", "").replace("\r\n", "\n")


def posted(request: HttpRequest, **first: str) -> defaultdict[str, Any]:
    """What a form shows again, empty where nothing was posted; ``first`` is what it begins with."""
    return defaultdict(str, request.POST.dict() if request.method == "POST" else first)


def day(request: HttpRequest, name: str) -> date | None:
    """A date field; :class:`Invalid` for what is no date."""
    given = text(request, name, 20).strip()
    if not given:
        return None
    try:
        found = parse_date(given)
    except ValueError:
        found = None
    if found is None:
        raise Invalid(_("日期写成 2026-11-28 的样子。"), details={name: _("日期写成 2026-11-28 的样子。")})
    return found


def number(request: HttpRequest, name: str) -> int | None:
    """A whole number; :class:`Invalid` for anything else."""
    given = text(request, name, 12).strip()
    if not given:
        return None
    if not given.isascii() or not given.isdigit():
        raise Invalid(_("这里要填数字。"), details={name: _("这里要填数字。")})
    return int(given)


def faults_of(call: Callable[[], Any]) -> dict[str, str]:
    """Run a write; sentences by field where the input was wrong, under an empty name for the form as a whole. Everything
    else that is refused goes up: it has a page of its own."""
    try:
        call()
    except (Invalid, Conflict) as refusal:
        told = {name: str(value) for name, value in refusal.details.items() if isinstance(value, str)}
        return {"": refusal.message, **told}
    return {}
