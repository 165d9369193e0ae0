"""Code tables for reading: a value may be a code, a name or a further spelling of it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from ..mapping.headings import rows_of
from ..types import Lookup

REGISTRY = "lingqu.foundation.registry"
TABLES = {
    "sex": "sex", "ethnicity": "ethnic_groups", "id_type": "id_types", "school_type": "school_types",
    "family_relation": "family_relation", "household_type": "household_type", "grade": "grades_project",
    "subject": "subjects_project", "stage": "stages_project", "title": "professional_titles_edu",
    "education": "education_level", "degree": "degree",
    "register_state": "XSDQZT", "ownership": "XXBB", "urban_rural": "SZDCXLX", "class_type": "ZXXBJLX", "post": "GWZY",
}  # fmt: skip
"""Names of the tables in headings → names of the register's tables."""
AS_WRITTEN = frozenset({"title", "post", "subject"})
"""Tables whose columns may also hold what the source wrote."""
_LISTED = "jyt1001_code_tables"


def _registry_rows(name: str) -> list[dict[str, str]]:
    with files(REGISTRY).joinpath("data", f"{name}.csv").open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


@cache
def _shipped() -> Mapping[str, Mapping[str, str]]:
    """Table (name as in headings) → spelling → code, from the shipped files; ambiguous spellings are left out.

    A group and its only member share a name (21 and 211 小学): the member is meant.
    """
    own = {register: name for name, register in TABLES.items()}
    found: dict[str, dict[str, str]] = {}
    twice: set[tuple[str, str]] = set()

    def add(table: str, word: str, code: str, *, is_sure: bool) -> None:
        words = found.setdefault(table, {})
        other = words.get(word, code)
        if word and other != code and not is_sure:
            if not other.startswith(code) and not code.startswith(other):
                twice.add((table, word))
            words[word] = max(other, code, key=len)
        elif word:
            words[word] = code

    for name, register in TABLES.items():
        if register.isupper():
            continue
        for row in _registry_rows(register):
            for word in (row.get("short_name", ""), *(row.get("synonyms") or "").split("|"), row["name"]):
                add(name, word, row["code"], is_sure=False)
    for row in _registry_rows(_LISTED):
        if row["table_code"] in own:
            add(own[row["table_code"]], row["name"], row["code"], is_sure=False)
    for table, word in twice:
        found[table].pop(word, None)
    for row in rows_of("words.csv"):
        for word in row["words"].split("|"):
            add(row["table"], word, row["code"], is_sure=True)
    for row in _registry_rows("ethnic_groups"):
        add("ethnicity", row["name"].removesuffix("族"), row["code"], is_sure=True)
    _add_codes(found)
    return found


def _add_codes(found: dict[str, dict[str, str]]) -> None:
    for words in found.values():
        for code in list(words.values()):
            words.setdefault(code, code)
            if code.isdigit() and code.startswith("0") and len(code) == 2:
                words.setdefault(code[1:], code)


@cache
def _folded(table: str) -> Mapping[str, str]:
    return {fold(word): code for word, code in _shipped().get(table, {}).items()}


def fold(text: str) -> str:
    return "".join(text.split()).replace("（", "(").replace("）", ")").casefold()


class Codes:
    """Shipped tables under those of the region (``Lookup.codes``, keyed by the register's names or ours)."""

    def __init__(self, lookup: Lookup) -> None:
        self._local = {
            table: {fold(word): code for word, code in words.items()} for table, words in lookup.codes.items()
        }

    def find(self, table: str, text: str) -> str | None:
        """The code that ``text`` means in ``table``; None when it means none."""
        word = fold(text)
        for name in (table, TABLES.get(table, "")):
            if word in self._local.get(name, {}):
                return self._local[name][word]
        found = _folded(table).get(word)
        if found is None and word.endswith(".0"):
            return self.find(table, word[:-2])
        return found

    def names(self, table: str) -> tuple[tuple[str, str], ...]:
        """(code, best name) of a table in its order, for templates."""
        first: dict[str, str] = {}
        for word, code in _shipped().get(table, {}).items():
            if word != code:
                first.setdefault(code, word)
        return tuple(first.items())


@cache
def school_stages() -> Mapping[str, frozenset[str]]:
    """办学类型 → stages taught."""
    made: dict[str, frozenset[str]] = {}
    for row in _registry_rows("school_types"):
        made[row["code"]] = frozenset(
            stage for stage in ("preschool", "primary", "junior", "senior") if row.get(f"has_{stage}") == "1"
        )
    return made


@cache
def division_codes() -> frozenset[str]:
    """Six-digit codes of today and of the past: an ID number keeps the code of its day."""
    return frozenset(
        row["code"] for name in ("admin_divisions", "admin_divisions_history") for row in _registry_rows(name)
    )
