"""Which carrier has the seal of an organisation."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings

from .certificates import find_certificate
from .service import find_at_service
from .types import Seal

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def find(code: str) -> Seal | None:
    """The seal of the organisation with this code; None without one. Raises :class:`SealRefused` when it cannot be told."""
    address = getattr(settings, "LINGQU_SEALS", "")
    if not address or not CODE.fullmatch(code):
        return None
    secret = getattr(settings, "LINGQU_SEALS_SECRET", "")
    if urlsplit(address).scheme == "file":
        return find_certificate(Path(unquote(urlsplit(address).path)), code, secret)
    return find_at_service(address.rstrip("/"), code, secret)
