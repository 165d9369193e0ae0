from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lingqu.kernel import crypto, pages
from lingqu.kernel.errors import Invalid
from lingqu.kernel.models import FileReference, Message, StoredFile
from lingqu.kernel.pages import merge_branches, page_of

ORDER = ("size", "digest")


def store(*sizes: int) -> None:
    StoredFile.objects.bulk_create(
        [StoredFile(digest=f"{number:064x}", size=size) for number, size in enumerate(sizes)]
    )


def sizes_of(page) -> list[int]:
    return [row.size for row in page]


def walk(querysets, order, limit) -> tuple[list, list]:
    """All rows forward by ``next``, then back to the start by ``previous``."""
    page = merge_branches(querysets, order=order, limit=limit)
    forward, visited = list(page), [page]
    while page.next:
        page = merge_branches(querysets, order=order, limit=limit, cursor=page.next)
        forward += page
        visited.append(page)
    backward = list(page)
    while page.previous:
        page = merge_branches(querysets, order=order, limit=limit, cursor=page.previous)
        backward = list(page) + backward
    return forward, backward


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.sets(st.sampled_from("abc"))), max_size=25),
    st.integers(1, 7),
    st.booleans(),
)
def test_walking_there_and_back_visits_every_row_of_every_branch_once(db, rows, limit, is_descending):
    FileReference.objects.all().delete()
    StoredFile.objects.all().delete()
    for number, (size, branches) in enumerate(rows):
        StoredFile.objects.create(digest=f"{number:064x}", size=size)
        for branch in branches:
            FileReference.objects.create(file_id=f"{number:064x}", owner_kind=branch, owner_id="1")
    querysets = [StoredFile.objects.filter(references__owner_kind=branch) for branch in "abc"]
    order = tuple(("-" if is_descending else "") + column for column in ORDER)
    expected = sorted(
        ((size, f"{number:064x}") for number, (size, branches) in enumerate(rows) if branches), reverse=is_descending
    )
    forward, backward = walk(querysets, order, limit)
    assert [(row.size, row.pk) for row in forward] == expected
    assert [(row.size, row.pk) for row in backward] == expected
    total = merge_branches(querysets, order=order, limit=limit)
    assert (total.total, total.total_is_exact) == (len(expected), True)


def test_first_middle_and_last_page_know_their_neighbours(db):
    store(*range(5))
    first = page_of(StoredFile.objects.all(), order=ORDER, limit=2)
    middle = page_of(StoredFile.objects.all(), order=ORDER, limit=2, cursor=first.next)
    last = page_of(StoredFile.objects.all(), order=ORDER, limit=2, cursor=middle.next)
    assert [sizes_of(page) for page in (first, middle, last)] == [[0, 1], [2, 3], [4]]
    assert [bool(page.previous) for page in (first, middle, last)] == [False, True, True]
    assert [bool(page.next) for page in (first, middle, last)] == [True, True, False]
    assert sizes_of(page_of(StoredFile.objects.all(), order=ORDER, limit=2, cursor=last.previous)) == [2, 3]


def test_totals_are_exact_to_a_thousand(db):
    store(*[1] * 1000)
    page = page_of(StoredFile.objects.all(), order=ORDER)
    assert (page.total, page.total_is_exact, page.total_text, len(page)) == (1000, True, "1000", 50)
    StoredFile.objects.create(digest="f" * 64, size=1)
    page = page_of(StoredFile.objects.all(), order=ORDER)
    assert (page.total, page.total_is_exact, page.total_text) == (1000, False, "1000+")
    both = merge_branches([StoredFile.objects.filter(size=1), StoredFile.objects.all()], order=ORDER)
    assert both.total_text == "1000+"


def test_an_empty_list_is_a_page(db):
    page = page_of(StoredFile.objects.all(), order=ORDER)
    assert (page.items, page.next, page.previous, page.total_text) == ((), None, None, "0")


def test_dictionaries_and_times_page_too(db):
    for minute in range(3):
        Message.objects.create(
            channel="sms", kind="t", expires_at=datetime(2026, 1, 1, 0, minute, tzinfo=UTC), subject_id=str(minute)
        )
    rows = Message.objects.values("id", "expires_at", "subject_id")
    first = page_of(rows, order=("-expires_at", "-id"), limit=2)
    second = page_of(rows, order=("-expires_at", "-id"), limit=2, cursor=first.next)
    assert [row["subject_id"] for row in (*first, *second)] == ["2", "1", "0"]


def test_a_page_is_one_row_comparison_and_two_queries(db):
    store(*range(4))
    cursor = page_of(StoredFile.objects.all(), order=ORDER, limit=2).next
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page_of(StoredFile.objects.all(), order=ORDER, limit=2, cursor=cursor)
    assert len(asked) == 2
    assert '("kernel_file"."size", "kernel_file"."digest") > (1, ' in asked[0]["sql"]


def test_without_total_there_is_one_query(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        page = page_of(StoredFile.objects.all(), order=ORDER, with_total=False)
    assert not page.total_is_exact


def test_a_cursor_hides_its_key(db):
    StoredFile.objects.bulk_create([StoredFile(digest=name, size=1) for name in ("zhangwei", "zhangyang")])
    cursor = page_of(StoredFile.objects.all(), order=ORDER, limit=1).next
    assert b"zhang" not in cursor.encode() and "emhhbmd3ZWk" not in cursor


@pytest.mark.parametrize(
    "cursor", ["x", "AAAA", "中文", "A" * 200, urlsafe_b64encode(b"\x01\x01" + b"0" * 60).decode(), "=="]
)
def test_a_forged_cursor_is_refused(db, cursor):
    with pytest.raises(Invalid) as refusal:
        page_of(StoredFile.objects.all(), order=ORDER, cursor=cursor)
    assert refusal.value.code == "bad_cursor"


def test_a_cursor_of_another_list_is_refused(db):
    store(1, 2)
    cursor = page_of(StoredFile.objects.all(), order=ORDER, limit=1).next
    with pytest.raises(Invalid):
        page_of(StoredFile.objects.all(), order=("-size", "-digest"), cursor=cursor)


def test_mixed_directions_are_a_mistake_of_ours(db):
    with pytest.raises(ValueError, match="one direction"):
        page_of(StoredFile.objects.all(), order=("-size", "digest"))


@given(st.text(max_size=20), st.integers(-(2**53), 2**53), st.uuids(), st.dates(), st.booleans())
def test_any_key_survives_its_cursor(text, number, uuid, day, is_back):
    key, order = (text, number, uuid, day), ("a", "b", "c", "d")
    assert pages._decode(pages._encode(key, order, is_back=is_back), order) == pages._Position(key, is_back)


def test_a_cursor_from_before_a_key_change_still_opens(db, settings):
    store(1, 2)
    cursor = page_of(StoredFile.objects.all(), order=ORDER, limit=1).next
    settings.LINGQU_KEYS = {**settings.LINGQU_KEYS, "seal.2": b"\x31" * 32}
    assert crypto._current()[0] == b"\x01\x02"
    assert sizes_of(page_of(StoredFile.objects.all(), order=ORDER, limit=1, cursor=cursor)) == [2]
