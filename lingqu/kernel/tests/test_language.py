from __future__ import annotations

import pytest
from django.utils import translation
from django.utils.translation import gettext as _

from lingqu.kernel.language import labelled, listed, retold, writing_to


def refusals() -> dict[str, str]:
    return {"no_rows": _("文件里只有表头，没有数据行。"), "empty": _("%(file)s 是空文件。")}


@pytest.mark.parametrize(("language", "told"), [("zh-hans", "甲、乙"), ("en", "甲, 乙")])
def test_lists_are_joined_as_the_reader_does(language: str, told: str) -> None:
    with translation.override(language):
        assert listed(["甲", "乙"]) == told


@pytest.mark.parametrize(("language", "told"), [("zh-hans", "甲：乙"), ("en", "甲: 乙")])
def test_labels_stand_before_their_text(language: str, told: str) -> None:
    with translation.override(language):
        assert labelled("甲", "乙") == told


def test_whoever_chose_no_language_is_written_to_in_the_platforms_own() -> None:
    with translation.override("en"):
        with writing_to():
            assert translation.get_language() == "zh-hans"
        with writing_to("en"):
            assert translation.get_language() == "en"
        assert translation.get_language() == "en"


def test_a_stored_sentence_keeps_its_facts_in_the_readers_language() -> None:
    with translation.override("en"):
        assert retold("名册 100%.csv 是空文件。", refusals) == "名册 100%.csv is empty."
    assert retold("名册.csv 是空文件。", refusals) == "名册.csv 是空文件。"


def test_a_sentence_of_unknown_form_stays_unless_the_catalogue_knows_it() -> None:
    with translation.override("en"):
        assert retold("没有人写过这句话。", refusals) == "没有人写过这句话。"
        assert retold("没有这个班级。", refusals) == "There is no such class."
        assert retold("", refusals) == ""
