"""Strict reading of JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..types.faults import Fault
from ..types.jsontext import read_json

TEXTS = st.text(alphabet='ab:"\\\u0000é学', max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


@given(VALUES, st.booleans(), st.booleans())
def test_whatever_json_writes_is_read_or_refused_as_json(value: Any, ascii_only: bool, is_wide: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=1 if is_wide else None).encode()
    try:
        assert read_json(text) == value
    except Fault as fault:
        assert "valid JSON" in fault.message  # numbers beyond 64 bits


@given(st.dictionaries(TEXTS, TEXTS, min_size=1, max_size=4), st.data(), st.sampled_from(["", " ", "\n"]))
def test_a_key_that_stands_twice_is_refused_however_it_is_written(value: dict[str, str], data: Any, gap: str) -> None:
    key = data.draw(st.sampled_from(sorted(value)))
    twice = data.draw(
        st.sampled_from([json.dumps(key), json.dumps(key).replace("a", "\\u0061").replace(":", "\\u003a")])
    )
    pairs = [f"{json.dumps(name)}{gap}:{json.dumps(text)}" for name, text in value.items()]
    inner = ",".join(data.draw(st.permutations([*pairs, f'{twice}{gap}:"again"'])))
    with pytest.raises(Fault):
        read_json(f'[{{"x":{{{inner}}}}}]'.encode())
