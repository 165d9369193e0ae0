"""What a carrier of seals gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ..errors import Unavailable


class SealRefused(Unavailable):
    """The seal could not be set now; the sentence says why."""

    code = "not_sealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A PDF with its seal. ``signer``: subject of the certificate; ``serial``: its number, hexadecimal."""

    pdf: bytes
    signer: str
    serial: str


class Seal(Protocol):
    """The seal of one organisation. ``name``: what people read beside the button."""

    @property
    def name(self) -> str: ...

    def set_on(self, pdf: bytes, *, reason: str, place: str) -> Sealed:
        """Raises :class:`SealRefused`."""
        ...
