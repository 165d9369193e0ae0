"""What carries a message away. A backend is a function; settings name one a channel, by short name or dotted path.

LINGQU_DELIVERY = {"email": "file", "sms": "console"}
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from .. import home
from ..clock import now


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message opened for its backend; never logged."""

    id: UUID
    channel: str
    to: str
    subject: str
    body: str


Backend = Callable[[Letter], None]


class Undeliverable(Exception):
    """The carrier refuses this message for good: unknown number, unknown mailbox. Any other error means try again."""


def to_console(letter: Letter) -> None:
    """Print the message to this process's standard output: for developers."""
    sys.stdout.write(f"--- {letter.channel} to {letter.to}: {letter.subject}\n{letter.body}\n---\n")
    sys.stdout.flush()


def to_file(letter: Letter) -> None:
    """One JSON file a message under ``LINGQU_HOME/messages/<channel>``, readable by the service only."""
    folder = Path(settings.LINGQU_HOME) / "messages" / letter.channel
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    told = {
        "id": str(letter.id),
        "at": now().isoformat(),
        "to": letter.to,
        "subject": letter.subject,
        "body": letter.body,
    }
    path = folder / f"{letter.id}.json"
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as target:
        json.dump(told, target, ensure_ascii=False, indent=1)
    fresh.replace(path)


BACKENDS: dict[str, Backend] = {"console": to_console, "file": to_file}


def backend_for(channel: str) -> Backend:
    """What the settings name; in a demo home never anything that reaches outside, for its people are invented."""
    name = getattr(settings, "LINGQU_DELIVERY", {}).get(channel, "file")
    if name not in BACKENDS and home.is_demo():
        name = "file"
    backend: Backend = BACKENDS[name] if name in BACKENDS else import_string(name)
    return backend
