"""What carries a message away. A backend is a function; settings name one a channel, by short name or dotted path.

LINGQU_DELIVERY = {"email": "file", "sms": "console"}
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from .. import home
from ..clock import now
from .aliyun import send_by_aliyun
from .letters import Letter, Undeliverable
from .mail import send_by_mail
from .robots import send_by_robot

Backend = Callable[[Letter], str | None]
"""Carries one letter away; may return the carrier's id of it."""


def to_console(letter: Letter) -> None:
    """Print the message to this process's standard output: for developers."""
    sys.stdout.write(f"--- {letter.channel} to {letter.to}: {letter.subject}\n{letter.body}\n---\n")
    sys.stdout.flush()


def to_file(letter: Letter) -> None:
    """One JSON file a message under ``LINGQU_HOME/messages/<channel>``, readable by the service only; keys in addresses are
    left out."""
    folder = Path(settings.LINGQU_HOME) / "messages" / letter.channel
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    told = {
        "id": str(letter.id),
        "at": now().isoformat(),
        "to": letter.to.partition("?")[0],
        "subject": letter.subject,
        "body": letter.body,
    }
    path = folder / f"{letter.id}.json"
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as target:
        json.dump(told, target, ensure_ascii=False, indent=1)
    fresh.replace(path)


__all__ = ["BACKENDS", "Backend", "Letter", "Undeliverable", "backend_for", "needs_template"]
BACKENDS: dict[str, Backend] = {"console": to_console, "file": to_file}
"""Those that reach nobody outside."""
CARRIERS: dict[str, Backend] = {"mail": send_by_mail, "robot": send_by_robot}
PROVIDERS: dict[str, Backend] = {"aliyun": send_by_aliyun}
"""SMS services: they take approved templates only."""


def backend_for(channel: str) -> Backend:
    """What the settings name; in a demo home never anything that reaches outside, for its people are invented."""
    name = _name_of(channel)
    known = BACKENDS | CARRIERS | PROVIDERS
    backend: Backend = known[name] if name in known else import_string(name)
    return backend


def needs_template(channel: str) -> bool:
    """Whether messages of this channel go to a service that takes approved templates only."""
    return _name_of(channel) in PROVIDERS


def _name_of(channel: str) -> str:
    name: str = getattr(settings, "LINGQU_DELIVERY", {}).get(channel, "file")
    return "file" if name not in BACKENDS and home.is_demo() else name
