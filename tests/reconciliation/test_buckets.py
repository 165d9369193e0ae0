"""Which bucket and cause a child gets, through an ordinary import of the national file."""

from __future__ import annotations

from datetime import date

import pytest

from lingqu.foundation.reconciliation.models import Case, FileEntry
from lingqu.foundation.registry.models import Enrolment, RegisterEntry

from .worlds import World, buckets, case_of, load, row

pytestmark = pytest.mark.django_db


def test_every_child_and_row_stands_in_one_bucket() -> None:
    world = World()
    world.child(2, "周禾")
    world.child(4, "借读生", attendance="guest")
    world.child(6, "待补建")
    world.child(8, "两校生", world.second)
    world.child(10, "外县生")
    world.child(12, "旧名")
    world.child(14, "休学生", attendance="absent", expected_on=date(2026, 9, 1))
    world.child(16, "已返校")
    world.child(18, "升学生", world.second, grade="G07")
    world.child(20, "转出生")
    world.child(22, "缺号生", with_id=False)
    world.child(24, "人籍分离", world.second)
    world.child(26, "外出生", attendance="absent")
    run = load(
        "2026-11-15",
        [
            row(2, "周禾"), row(8, "两校生", "3301000002"), row(8, "两校生", "3301000001", 学籍号="G" + "3" * 17 + "1"),
            row(10, "外县生"), row(10, "外县生", "3301000003", 学籍号="G" + "4" * 17 + "1"), row(12, "新名"),
            row(14, "休学生", 学籍状态="休学"), row(16, "已返校", 学籍状态="休学"), row(18, "升学生", 年级="六年级", 班级="六（1）班"),
            row(20, "转出生", 学籍状态="转学（转出）"), row(22, "缺号生", 身份证号=""), row(24, "人籍分离"), row(26, "外出生"),
            row(28, "空挂生"), row(30, "毕业生", 学籍状态="毕业"), row(32, "坏号生", 身份证号="3.30102E+17"),
        ],
    )  # fmt: skip
    assert run is not None
    found = {case.name: (case.bucket, case.cause) for case in Case.objects.all()}
    assert found == {
        "借读生": ("no_entry", "guest"), "待补建": ("no_entry", "to_add"), "两校生": ("several", "twice_county"),
        "外县生": ("several", "twice_beyond"), "新名": ("identity", "name_differs"), "休学生": ("leave_over", "leave_ended"),
        "已返校": ("leave_over", "back_unreported"), "升学生": ("not_raised", "raised_elsewhere"),
        "转出生": ("in_transit", "transferring"), "缺号生": ("identity", "id_missing"), "人籍分离": ("no_person", "elsewhere"),
        "外出生": ("no_person", "not_sitting"), "空挂生": ("no_person", "not_sitting"), "毕业生": ("not_raised", "where_unknown"),
        "": ("identity", "unreadable"),
    }  # fmt: skip
    assert (run.rows, run.people) == (16, 13)
    assert sum(one[0] for one in buckets(run).values()) == 16
    assert sum(one[1] for one in buckets(run).values()) == 13
    assert case_of("外县生").owner == world.far
    assert case_of("两校生").owner == world.school
    assert Enrolment.objects.filter(valid_to=None).count() == 13, "the national file moves nobody"
    assert RegisterEntry.objects.filter(valid_to=None).exists()
    assert FileEntry.objects.filter(group_key__isnull=False).count() == 15 + 2 - 2


def test_same_file_twice_says_the_same() -> None:
    world = World()
    world.child(2, "周禾")
    world.child(6, "待补建")
    first = load("2026-11-15", [row(2, "周禾")])
    again = load("2026-11-15", [row(2, "周禾")])
    assert first is not None
    assert again is not None
    assert buckets(first) == buckets(again)
    assert [(c.name, c.bucket, c.cause) for c in Case.objects.all()] == [("待补建", "no_entry", "to_add")]
