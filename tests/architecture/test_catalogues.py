"""The English catalogue is whole and safe, and the check that says so can fail."""

from __future__ import annotations

import pytest
from babel.messages.catalog import Catalog

from tools import catalogues


def catalogue(**texts: str | None) -> Catalog:
    made = Catalog(locale="en")
    for text, translated in texts.items():
        made.add(text, translated, [("place", 0)])
    return made


def test_every_text_has_its_english() -> None:
    assert list(catalogues.faults_in(catalogues.extracted(), catalogues.stored())) == []


@pytest.mark.parametrize(
    ("source", "english", "fault"),
    [
        ("姓名", None, "not translated"),
        ("共 %(n)s 人", "People: %(m)s", "placeholders differ"),
        ("已选 {n} 行", "rows chosen", "placeholders differ"),
        ("姓名", "姓名", "Chinese in English"),
    ],
)
def test_a_faulty_translation_is_told(source: str, english: str | None, fault: str) -> None:
    found = list(catalogues.faults_in(catalogue(**{source: None}), catalogue(**{source: english})))
    assert [one.split(":")[0] for one in found] == [fault]


def test_a_fuzzy_translation_is_none() -> None:
    english = catalogue(姓名="Name")
    english["姓名"].flags.add("fuzzy")
    assert [one.split(":")[0] for one in catalogues.faults_in(catalogue(姓名=None), english)] == ["not translated"]


def test_a_full_stop_behind_a_placeholder_is_no_part_of_it() -> None:
    assert catalogues.placeholders("%(free).1f GB, %(n)s.") == ["%(free).1f", "%(n)s"]
