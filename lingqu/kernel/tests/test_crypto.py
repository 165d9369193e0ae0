from __future__ import annotations

from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from lingqu.kernel import crypto

FIELDS = st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=30), max_size=5)


@pytest.fixture(params=["aes", "sm4"])
def cipher(request, settings) -> str:
    settings.LINGQU_CIPHER = request.param
    return request.param


def test_sealed_bytes_name_scheme_and_key(cipher):
    sealed = crypto.seal(b"value")
    assert sealed[:2] == {"aes": b"\x01\x01", "sm4": b"\x02\x01"}[cipher]
    assert len(sealed) == 2 + 12 + 5 + 16
    assert crypto.unseal(sealed) == b"value"
    assert crypto.seal(b"value") != sealed


def test_every_changed_byte_is_noticed(cipher):
    sealed = crypto.seal(b"value", b"row 7")
    for at in range(2, len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises(InvalidTag):
            crypto.unseal(bytes(changed), b"row 7")
    for length in range(len(sealed)):
        with pytest.raises(InvalidTag):
            crypto.unseal(sealed[:length], b"row 7")


def test_a_value_does_not_open_in_another_place(cipher):
    with pytest.raises(InvalidTag):
        crypto.unseal(crypto.seal(b"value", b"row 7"), b"row 8")


@pytest.mark.parametrize("head", [b"\x03\x01", b"\x01\x02", b"\x00\x00"])
def test_unknown_scheme_or_key_is_refused(head):
    with pytest.raises(ValueError, match=r"unknown sealing scheme|not in the key file"):
        crypto.unseal(head + crypto.seal(b"value")[2:])


def test_ciphers_stay_readable_beside_each_other(settings):
    settings.LINGQU_CIPHER = "aes"
    old = crypto.seal(b"old")
    settings.LINGQU_CIPHER = "sm4"
    assert crypto.unseal(old) == b"old"
    assert [crypto.is_current(old), crypto.is_current(crypto.seal(b"new"))] == [False, True]


def test_a_new_key_seals_and_the_old_one_still_opens(settings):
    old = crypto.seal(b"old")
    settings.LINGQU_KEYS = {**settings.LINGQU_KEYS, "seal.2": b"\x09" * 32}
    new = crypto.seal(b"new")
    assert new[:2] == b"\x01\x02"
    assert [crypto.unseal(old), crypto.unseal(new)] == [b"old", b"new"]
    settings.LINGQU_KEYS = {**settings.LINGQU_KEYS, "seal": b"\x08" * 32}
    with pytest.raises(InvalidTag):
        crypto.unseal(old)


@given(st.lists(FIELDS, max_size=6))
def test_rows_sealed_together_open_one_by_one(rows):
    sealed = crypto.seal_all(rows)
    assert [crypto.unseal_fields(one) for one in sealed] == [{k: v for k, v in row.items() if v} for row in rows]
    assert [one is None for one in sealed] == [not any(row.values()) for row in rows]


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_sealing_is_undone_by_unsealing(value, context):
    assert crypto.unseal(memoryview(crypto.seal(value, context)), context) == value


def test_blind_digests_differ_by_kind_and_agree_in_bulk():
    one = crypto.blind("id", "370202")
    assert isinstance(one, UUID)
    assert one != crypto.blind("phone", "370202")
    assert crypto.blind_all("id", ["370202", "", None]) == [one.hex, None, None]


def test_row_hashes_are_keyed(settings):
    before = crypto.row_hashes(["a|b", "a|b", "a|c"])
    assert before[0] == before[1] != before[2]
    settings.LINGQU_KEYS = {**settings.LINGQU_KEYS, "row": b"\x05" * 32}
    assert crypto.row_hashes(["a|b"])[0] != before[0]


def test_a_mark_depends_on_where_parts_end():
    assert crypto.mark("x", [b"ab", b"c"]) != crypto.mark("x", [b"a", b"bc"])
    assert crypto.mark("x", [b"ab"]) != crypto.mark("y", [b"ab"])
