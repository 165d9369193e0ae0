"""Addresses of static files. The build leaves a manifest with hashed names; without it plain names are used."""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings

FOLDER = Path(__file__).resolve().parent / "static"
BUILT = {
    "lingqu.js": "lingqu/ui/islands/lingqu.ts",
    "ui/css/lingqu.css": "lingqu/ui/static/ui/css/lingqu.css",
    "bpmn.js": "lingqu/foundation/workflow/viewer/bpmn.ts",
    "bpmn.css": "lingqu/foundation/workflow/viewer/bpmn.css",
}
"""Names that pages use, and the source each is built from. A script has no plain form: without the build, no script."""


@cache
def _manifest() -> dict[str, str]:
    path = FOLDER / "dist" / ".vite" / "manifest.json"
    if not path.is_file():
        return {}
    entries = json.loads(path.read_text(encoding="utf-8"))
    return {source: f"dist/{entry['file']}" for source, entry in entries.items()}


@cache
def _version(name: str) -> str:
    path = FOLDER / name
    return sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else ""


def static(name: str) -> str:
    """``/static/…`` with a hash or version, so that browsers may keep the file for long; "" when there is none."""
    built = _manifest().get(BUILT.get(name, ""))
    if built:
        return f"{settings.STATIC_URL}{built}"
    version = _version(name)
    return f"{settings.STATIC_URL}{name}?v={version}" if version else ""
