from __future__ import annotations

from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from lingqu.ui.parts import mark_parts

MARK = '<span lang="zh-CN">'


def test_chinese_in_the_text_of_an_english_page_is_marked() -> None:
    page = '<title>周禾</title><p title="周">Class 七（3）班 · &lt;周禾&gt;</p><option>中</option><script>"中"</script>'
    with translation.override("en"):
        assert mark_parts(page) == (
            '<title>周禾</title><p title="周"><span>Class '
            + MARK
            + "七（3）班</span> · &lt;"
            + MARK
            + "周禾</span>&gt;</span></p>"
            '<option>中</option><script>"中"</script>'
        )


def test_what_is_marked_already_stays() -> None:
    with translation.override("en"):
        assert mark_parts('<b lang="zh-CN" class="x">中</b>') == '<b lang="zh-CN" class="x">中</b>'


def test_a_chinese_page_is_left_alone() -> None:
    with translation.override("zh-hans"):
        assert mark_parts("<p>周禾</p>") == "<p>周禾</p>"


@given(st.text(alphabet='周禾（3）班 <>/pab&;"=!-'))
def test_marking_only_adds_marks(page: str) -> None:
    with translation.override("en"):
        assert mark_parts(page).replace(MARK, "").replace("<span>", "").replace("</span>", "") == page.replace(
            "</span>", ""
        )
