"""What a password must be. Length does the work; there are no composition rules that make people write it down."""

from __future__ import annotations

import gzip
import re
import unicodedata
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

from django.contrib.auth import password_validation
from django.utils.translation import gettext as _

from lingqu.kernel.errors import Invalid

LEAST, LEAST_SIMPLE, MOST = 8, 6, 128


class WeakPassword(Invalid):
    """The password breaks a rule; ``details["password"]`` says which."""

    code = "weak_password"

    def __init__(self, message: str) -> None:
        super().__init__(message, details={"password": message})


def normalised(password: str) -> str:
    """Full-width characters of a Chinese input method count as the plain ones."""
    return unicodedata.normalize("NFKC", password)


def require_good(password: str, *, login: str = "", birth_date: date | None = None, simple: bool = False) -> str:
    """The normalised password, or :class:`WeakPassword`.

    Everybody: 8 to 128 characters, not on the list of common ones, not the login or a part of it. ``simple`` is for
    pupils of grades 1 to 3, who type digits: 6 characters suffice, but no run (123456), no repetition (112112) and no
    birth date.
    """
    password = normalised(password)
    least = LEAST_SIMPLE if simple else LEAST
    if len(password) < least:
        raise WeakPassword(_("密码至少要%(least)d个字符。") % {"least": least})
    if len(password) > MOST:
        raise WeakPassword(_("密码最多%(most)d个字符。") % {"most": MOST})
    folded = password.lower()
    if login and (folded in login.lower() or login.lower() in folded):
        raise WeakPassword(_("密码不能包含登录名。"))
    if _is_monotonous(folded) or folded in _common():
        raise WeakPassword(_("这个密码太常见，请换一个。"))
    if birth_date and re.sub(r"\D", "", folded) in _spellings(birth_date):
        raise WeakPassword(_("密码不能是出生日期。"))
    return password


def _is_monotonous(text: str) -> bool:
    """``123456``, ``987654``, ``aaaaaa``, ``121212``, ``112112``."""
    steps = {ord(b) - ord(a) for a, b in pairwise(text)}
    if len(steps) == 1 and steps <= {-1, 0, 1}:
        return True
    return any(
        len(text) % size == 0 and text == text[:size] * (len(text) // size) for size in range(1, len(text) // 2 + 1)
    )


def _spellings(day: date) -> frozenset[str]:
    return frozenset(
        {f"{day:%Y%m%d}", f"{day:%y%m%d}", f"{day:%d%m%Y}", f"{day:%d%m%y}", f"{day:%m%d%Y}", f"{day:%m%d%y}"}
    )


@cache
def _common() -> frozenset[str]:
    """Twenty thousand common passwords that come with Django, lower case."""
    path = Path(password_validation.__file__).with_name("common-passwords.txt.gz")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return frozenset(line.strip().lower() for line in lines)
