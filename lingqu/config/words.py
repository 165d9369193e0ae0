"""Words of the platform's own verbs: the same catalogues as the pages, read without loading any app."""

from __future__ import annotations

import gettext as catalogues
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils import translation

from lingqu.config.env import child_environment

LOCALE = Path(__file__).with_name("locale")


def terminal_language() -> str:
    """Chinese, unless the terminal's language is English."""
    environment = child_environment()
    wanted = environment.get("LC_ALL") or environment.get("LC_MESSAGES") or environment.get("LANG") or ""
    return "en" if wanted.startswith("en") else "zh-hans"


@cache
def _catalogue() -> catalogues.NullTranslations:
    return catalogues.translation("django", LOCALE, languages=[terminal_language()], fallback=True)


def gettext(message: str) -> str:
    """In the reader's language where Django runs (pages), else in the terminal's."""
    if settings.configured:
        return translation.gettext(message)
    return _catalogue().gettext(message)
