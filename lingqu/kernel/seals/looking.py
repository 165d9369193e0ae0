"""Whether the signatures in a PDF are whole: what anybody may ask who holds a copy."""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .certificates import name_of, serial_of

MOST_SIGNATURES = 20
log = logging.getLogger("lingqu.seals")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """``is_intact``: what was signed has not been changed. ``is_whole``: and nothing was added behind it but further seals.
    Whose certificate it is says nothing of trust: a caller compares ``serial`` with what it knows."""

    signer: str
    serial: str
    set_at: datetime | None
    is_intact: bool
    is_whole: bool


def look_at(pdf: bytes) -> list[Signature]:
    """The signatures in the order in which they were set; none for a file that is no PDF, or broken."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        return [_looked(one) for one in reader.embedded_signatures[:MOST_SIGNATURES]]
    except (PdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        log.info("no readable signatures: %s", error)
        return []


def _looked(one: Any) -> Signature:
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.general import CMSExtractionError, SigningError
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko_certvalidator import ValidationContext

    try:
        certificate = one.signer_cert
        status = validate_pdf_signature(one, ValidationContext(trust_roots=[certificate], allow_fetching=False))
        is_intact = bool(status.intact and status.valid)
        return Signature(
            signer=name_of(certificate), serial=serial_of(certificate), set_at=one.self_reported_timestamp,
            is_intact=is_intact,
            is_whole=is_intact and status.modification_level in (ModificationLevel.NONE, ModificationLevel.FORM_FILLING),
        )  # fmt: skip
    except (SignatureValidationError, CMSExtractionError, SigningError) as error:
        log.info("unreadable signature: %s", error)
        return Signature(signer="", serial="", set_at=None, is_intact=False, is_whole=False)
