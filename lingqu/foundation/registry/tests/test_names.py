from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingqu.foundation.registry.types.names import name_key, name_keys

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("name", "key", "initials"),
    [
        ("单雯", "shan wen", "sw"), ("曾敏", "zeng min", "zm"), ("解晓东", "xie xiao dong", "xxd"), ("仇英", "qiu ying", "qy"),
        ("区永", "ou yong", "oy"), ("朴正", "piao zheng", "pz"), ("查良", "zha liang", "zl"), ("盖茨", "ge ci", "gc"),
        ("尉迟恭", "yu chi gong", "ycg"), ("万俟卨", "mo qi xie", "mqx"), ("欧阳修", "ou yang xiu", "oyx"),
        ("吕布", "lv bu", "lb"), ("张 三", "zhang san", "zs"), ("Ann Smith", "ann smith", "as"), ("", "", ""),
    ],
)  # fmt: skip
def test_surnames_are_read_as_surnames(name: str, key: str, initials: str) -> None:
    assert name_key(name) == (key, initials)


@given(st.lists(HAN, max_size=30))
def test_a_column_reads_like_its_names(names: list[str]) -> None:
    assert name_keys(names) == [name_key(name) for name in names]


@given(HAN)
def test_initials_are_the_first_letters_of_the_key(name: str) -> None:
    key, initials = name_key(name)
    assert "".join(part[0] for part in key.split()) == initials
