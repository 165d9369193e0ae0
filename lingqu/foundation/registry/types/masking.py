"""How sensitive values look to somebody who has not stated a purpose."""

from __future__ import annotations

from datetime import date

SENSITIVE_SEALED = ("id_number", "phone", "address", "register_number")


def masked(field: str, value: str) -> str:
    """Enough to recognise a value that one knows, too little to learn it. Empty stays empty."""
    if not value:
        return ""
    if field == "phone":
        return f"{value[:3]}****{value[-4:]}" if len(value) >= 11 else "****"
    if field == "address":
        return f"{value[:4]}****" if len(value) > 8 else "****"
    if len(value) <= 6:
        return "*" * len(value)
    return f"{value[:2]}{'*' * (len(value) - 4)}{value[-2:]}"


def masked_date(value: date | None) -> str:
    return f"{value.year}-**-**" if value else ""
