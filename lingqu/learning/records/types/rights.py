"""Rights of the records."""

from __future__ import annotations

KEEP = "records.credential.keep"
"""Make and revoke credentials."""
