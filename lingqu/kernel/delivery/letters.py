"""What a backend is given, and how it refuses."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """An approved template of the SMS service, with the values of its variables."""

    code: str
    sign_name: str
    params: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message opened for its backend; never logged."""

    id: UUID
    channel: str
    to: str
    subject: str
    body: str
    template: Template | None = None
    secret: str = field(default="", repr=False)


class Refused(Exception):
    """``code`` is the carrier's own word for the cause; the message's row keeps it."""

    def __init__(self, *told: object, code: str = "") -> None:
        super().__init__(*told)
        self.code = code


class Undeliverable(Refused):
    """The carrier refuses this message for good: unknown number, unknown mailbox. Any other error means try again."""


class TryAgain(Refused):
    """The carrier did not take it this time."""


class Later(TryAgain):
    """The carrier takes no more at this pace; after ``seconds``, and that was no try."""

    def __init__(self, *told: object, code: str = "", seconds: float) -> None:
        super().__init__(*told, code=code)
        self.seconds = seconds
