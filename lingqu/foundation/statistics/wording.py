"""Titles that pages and prints share."""

from __future__ import annotations

from django.utils.translation import gettext as _

from .types.words import SchoolTerm

LETTERS = {SchoolTerm.AUTUMN.value: "Q", SchoolTerm.SPRING.value: "C"}


def term_year(year: str, term: str) -> str:
    """The calendar year of a term: spring of 2026-2027 is in 2027."""
    return year[5:9] if term == SchoolTerm.SPRING else year[:4]


def term_title(year: str, term: str) -> str:
    texts = {SchoolTerm.AUTUMN.value: _("%(year)s 年秋季学期"), SchoolTerm.SPRING.value: _("%(year)s 年春季学期")}
    return texts[term] % {"year": term_year(year, term)}
