from __future__ import annotations

import hmac
from hashlib import blake2b
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from lingqu.kernel import crypto, veil

FIELDS = st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=30), max_size=5)


@pytest.fixture(params=["default", "sm"])
def cipher(request, settings) -> str:
    settings.LINGQU_CRYPTO = request.param
    return request.param


def test_sealed_bytes_name_scheme_and_key(cipher):
    sealed = crypto.seal(b"value")
    assert sealed[:2] == {"default": b"\x01\x01", "sm": b"\x02\x01"}[cipher]
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
    settings.LINGQU_CRYPTO = "default"
    old = crypto.seal(b"old")
    settings.LINGQU_CRYPTO = "sm"
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


KEYS = st.sampled_from(["default", "sm"])


@given(KEYS, st.binary(max_size=200), st.binary(max_size=20), st.integers(min_value=0), st.integers(1, 255))
def test_both_ciphers_give_back_what_they_got_and_notice_any_change(chosen, value, context, at, change):
    with override_settings(LINGQU_CRYPTO=chosen):
        sealed = crypto.seal(value, context)
    assert crypto.unseal(sealed, context) == value
    broken = bytearray(sealed)
    broken[at % len(sealed)] ^= change
    with pytest.raises((InvalidTag, ValueError)):
        crypto.unseal(bytes(broken), context)


@given(KEYS, st.lists(st.binary(max_size=20), max_size=4), st.integers(min_value=0), st.integers(1, 255))
def test_marks_of_both_algorithms_hold_and_say_which(chosen, parts, at, change):
    with override_settings(LINGQU_CRYPTO=chosen):
        made = crypto.mark("audit", parts)
    assert len(made) == {"default": 32, "sm": 33}[chosen]
    assert crypto.is_mark(made, "audit", parts)
    assert made in crypto.all_marks("audit", parts)
    broken = bytearray(made)
    broken[at % len(made)] ^= change
    assert not crypto.is_mark(bytes(broken), "audit", parts)
    assert not crypto.is_mark(made, "audit", [*parts, b""])


@given(st.binary(min_size=1), st.booleans(), st.lists(st.uuids(), max_size=5))
def test_a_veil_is_undone_by_its_own_key_only(key, is_sm, values):
    one = veil.Veil(blake2b(key, digest_size=32).digest(), is_sm)
    whole = b"".join(value.bytes for value in values)
    covered = one.cover(whole)
    assert one.uncover(covered) == whole
    assert [one.cover(value.bytes) for value in values] == [covered[at : at + 16] for at in range(0, len(covered), 16)]
    assert not values or veil.Veil(b"\x55" * 32, is_sm).uncover(covered) != whole


def test_an_sm3_mark_is_the_standard_hmac(settings):
    settings.LINGQU_CRYPTO = "sm"
    key = blake2b(settings.LINGQU_KEYS["row"], person=b"x", digest_size=32).digest()
    assert crypto.mark("x", [b"ab"])[1:] == hmac.digest(key, (2).to_bytes(8, "big") + b"ab", "sm3")
