"""Words of the reader's language around data: lists, labels, and which language a person is written to in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _


def is_english() -> bool:
    """Whether the page, message or file being made is in English; otherwise it is in Chinese."""
    return translation.get_language() == "en"


def listed(parts: Iterable[object]) -> str:
    """``甲、乙`` or ``A, B``."""
    return _("、").join(str(part) for part in parts)


def labelled(label: object, text: object) -> str:
    """``标签：内容`` or ``Label: text``."""
    return _("%(label)s：%(text)s") % {"label": label, "text": text}


def writing_to(language: str = "") -> AbstractContextManager[None]:
    """Texts made inside are in the language somebody chose; in the platform's own if they never chose one."""
    return translation.override(language or settings.LANGUAGE_CODE)


def retold(message: str, sentences: Callable[[], Mapping[str, str]]) -> str:
    """A sentence that was stored in the platform's own language, in the reader's, with the same facts.

    ``sentences`` gives the possible ones by code in the language of the moment, placeholders unfilled. What fits none
    stays as it is, unless the catalogue knows the whole of it.
    """
    if translation.get_language() == settings.LANGUAGE_CODE:
        return message
    with writing_to():
        stored = dict(sentences())
    for code, text in stored.items():
        pattern = re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.*)", re.escape(text))
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return sentences()[code] % found.groupdict()
    return _(message) if message else ""
