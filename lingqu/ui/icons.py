"""Line icons. ``icons.json`` names them; the front-end build draws them from its icon package into ``dist/icons.json``.

An icon repeats what the text beside it says, so a page without the build loses nothing but looks.
"""

from __future__ import annotations

import json
import logging
from functools import cache
from pathlib import Path

from django.conf import settings
from markupsafe import Markup

HERE = Path(__file__).resolve().parent
NAMES: frozenset[str] = frozenset(json.loads((HERE / "icons.json").read_text(encoding="utf-8")))
logger = logging.getLogger(__name__)


@cache
def _drawn() -> dict[str, str]:
    path = HERE / "static" / "dist" / "icons.json"
    if not path.is_file():
        logger.warning("the front end has not been built: pages show no icons")
        return {}
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def icon(name: str, size: int = 20) -> Markup:
    """An inline SVG of ``size`` px, hidden from screen readers. Names stand in ``icons.json``."""
    if name not in NAMES:
        if settings.DEBUG:
            raise LookupError(f"lingqu/ui/icons.json has no icon {name!r}")
        logger.error("unknown icon", extra={"icon": name})
    shapes = _drawn().get(name)
    if shapes is None:
        return Markup("")
    return Markup(
        '<svg class="lq-icon" width="{0}" height="{0}" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
        ' stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">'
        "{1}</svg>"
    ).format(size, Markup(shapes))  # noqa: S704  our own build wrote it
