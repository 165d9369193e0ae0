"""The confirmation sheet from submission to the county: numbers, ticks, returns, corrections, scans, the public check."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from lingqu.foundation.registry import testing
from lingqu.foundation.statistics.models import Pseudonym, Sheet, Snapshot
from lingqu.foundation.statistics.selectors import boards, sheets
from lingqu.foundation.statistics.selectors.checks import list_checks
from lingqu.foundation.statistics.services import checking, reminding, rounds, snapshots
from lingqu.foundation.statistics.services import sheets as services
from lingqu.foundation.statistics.testing import check_all
from lingqu.kernel import crypto
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict, Invalid
from lingqu.kernel.models import Message

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("吴静")
BLOCKS = ("pupils", "staff", "attributes", "sizes")


@pytest.fixture
def asked(city: dict[str, Any]) -> Any:
    return rounds.open_round(
        actor=SYSTEM, organisation_code=city["counties"][0].code, year="2026-2027", term="1", deadline=today() + timedelta(days=5)
    )  # fmt: skip


def submitted(asked: Any, school: Any, note: str = "") -> Sheet:
    return services.submit_sheet(actor=SYSTEM, round_id=asked.id, school_code=school.code, note=note)


def confirmed(asked: Any, school: Any) -> Sheet:
    return services.confirm_sheet(actor=SYSTEM, sheet_id=check_all(submitted(asked, school)).id, ticks=BLOCKS)


def test_numbers_codes_and_digest(city: dict[str, Any], asked: Any) -> None:
    first, second = (submitted(asked, school) for school in city["schools"][:2])
    assert (first.number, second.number) == ("QR-2026Q-0001", "QR-2026Q-0002")
    assert first.check_code != second.check_code
    assert len(first.check_code) == 9
    assert first.digest == sheets.digest_of(first.snapshot, str(first.path))
    assert sheets.check_code(first.number, second.digest) != first.check_code
    with pytest.raises(Conflict):
        submitted(asked, city["schools"][0])


def test_a_draft_leaves_nothing(city: dict[str, Any], asked: Any) -> None:
    found = services.draft_sheet(actor=SYSTEM, round_id=asked.id, school_code=city["schools"][0].code)
    assert found.pupils > 0
    assert not Snapshot.objects.exists()
    assert not Pseudonym.objects.exists()


def test_confirming_needs_every_tick_and_freezes(city: dict[str, Any], asked: Any) -> None:
    sheet = check_all(submitted(asked, city["schools"][0]))
    with pytest.raises(Invalid):
        services.confirm_sheet(actor=SYSTEM, sheet_id=sheet.id, ticks=BLOCKS[:3])
    services.confirm_sheet(actor=SYSTEM, sheet_id=sheet.id, ticks=BLOCKS)
    for change in ({"digest": "0" * 64}, {"number": "QR"}, {"confirmed_by": "x"}, {"ticks": []}, {"class_checks": []}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Sheet.objects.filter(id=sheet.id).update(**change)
    with pytest.raises(Conflict):
        services.return_sheet(actor=SYSTEM, sheet_id=sheet.id, reason="晚了")


def test_returned_sheets_are_submitted_anew_and_corrections_need_a_note(city: dict[str, Any], asked: Any) -> None:
    school = city["schools"][0]
    first = submitted(asked, school)
    with pytest.raises(Invalid):
        services.return_sheet(actor=SYSTEM, sheet_id=first.id, reason=" ")
    services.return_sheet(actor=SYSTEM, sheet_id=first.id, reason="少一个班")
    testing.make_pupil(school.class_groups.first(), sex="1")
    second = confirmed(asked, school)
    assert second.number == "QR-2026Q-0001-2"
    with pytest.raises(Invalid):
        submitted(asked, school)
    testing.make_pupil(school.class_groups.first(), sex="1")
    third = submitted(asked, school, note="补录 1 人")
    found = sheets.figures_of(third.snapshot, str(school.path))
    assert (found.before, found.changes) == (sheets.figures_of(second.snapshot, str(school.path)).pupils, {"13": 1})
    row = sheets.parts_of(found, third.note)[-1]
    assert row.rows[0][0] == f"{found.before:,}"
    assert row.rows[0][-2:] == (f"{found.pupils:,}", "补录 1 人")
    assert Sheet.objects.count() == 3


def test_a_round_on_a_snapshot_shows_that_day(city: dict[str, Any]) -> None:
    taken = snapshots.perform(
        snapshots.request_snapshot(actor=SYSTEM, organisation_code=city["root"].code, taken_on=today()).id
    )
    asked = rounds.open_round(
        actor=SYSTEM, organisation_code=city["root"].code, year="2026-2027", term="1", deadline=today(), snapshot_id=taken.id
    )  # fmt: skip
    testing.make_pupil(city["schools"][0].class_groups.first())
    sheet = submitted(asked, city["schools"][0])
    assert sheet.snapshot_id == taken.id


def test_scan_with_its_code_then_received(city: dict[str, Any], asked: Any) -> None:
    sheet = confirmed(asked, city["schools"][0])
    with pytest.raises(Conflict):
        services.receive_sheet(actor=SYSTEM, sheet_id=sheet.id)
    good = {
        "actor": SYSTEM,
        "sheet_id": sheet.id,
        "name": "盖章.pdf",
        "content": b"%PDF-1.7 x",
        "written_code": sheet.check_code,
    }
    for wrong in ({"content": b"<html>"}, {"written_code": "0000-0000"}):
        with pytest.raises(Invalid):
            services.attach_scan(**{**good, **wrong})
    services.attach_scan(**{**good, "written_code": sheet.check_code.lower().replace("-", "")})
    assert services.receive_sheet(actor=SYSTEM, sheet_id=sheet.id).state == "received"
    with pytest.raises(Conflict):
        services.attach_scan(**good)


def test_board_and_phones(city: dict[str, Any], asked: Any) -> None:
    first, second = city["schools"][:2]
    head = testing.make_teacher(second, "邵文", phone="12000000088")
    from lingqu.foundation.registry.models import Duty

    Duty.objects.create(person=head, organisation=second, path=second.path, kind="principal", valid_from=testing.START)
    confirmed(asked, first)
    rows, counts = boards.get_board(actor=SYSTEM, round_=asked)
    assert [(one.code, one.state) for one in rows] == [(second.code, "missing"), (first.code, "confirmed")]
    assert (counts["missing"], counts["confirmed"]) == (1, 1)
    [contact] = boards.list_contacts(actor=SYSTEM, round_=asked)
    assert (contact.principal, contact.principal_phone) == ("邵文", "12000000088")


def checks(asked: Any, school: Any, listed: dict[Any, int | None]) -> dict[str, str]:
    lines = checking.check_classes(actor=SYSTEM, round_id=asked.id, school_code=school.code, listed=listed)
    return {line.name: line.state for line in lines}


def test_classes_are_compared_with_their_rosters_before_the_principal_confirms(
    city: dict[str, Any], asked: Any
) -> None:
    school = city["schools"][0]
    rooms = services.draft_sheet(actor=SYSTEM, round_id=asked.id, school_code=school.code).rooms
    assert len(rooms) == school.class_groups.count()
    first, second, *others = rooms
    said = checks(asked, school, {first.class_id: first.size, second.class_id: second.size + 1})
    assert (said[first.name], said[second.name], said[others[0].name]) == ("equal", "differs", "todo")
    [row, _other] = boards.get_board(actor=SYSTEM, round_=asked)[0]
    assert (row.progress.classes, row.progress.equal, row.progress.differ) == (len(rooms), 1, 1)
    testing.make_pupil(school.class_groups.get(id=first.class_id))
    sheet = submitted(asked, school)
    lines = {line.name: line.state for line in boards_lines(asked, school, sheet)}
    assert lines[first.name] == "stale", "a child more than when it was compared"
    with pytest.raises(Invalid) as refused:
        services.confirm_sheet(actor=SYSTEM, sheet_id=sheet.id, ticks=BLOCKS)
    assert refused.value.code == "classes_unchecked"
    assert checks(asked, school, {second.class_id: None})[second.name] == "todo"
    done = services.confirm_sheet(actor=SYSTEM, sheet_id=check_all(sheet).id, ticks=BLOCKS)
    assert {one["name"]: one["size"] for one in done.class_checks} == {
        room.name: room.size + (room is first) for room in rooms
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        Sheet.objects.filter(id=sheet.id).update(class_checks=[])
    for wrong in ({uuid4(): 1}, {first.class_id: -1}, {first.class_id: 10_000}):
        with pytest.raises(Invalid):
            checks(asked, school, wrong)


def boards_lines(asked: Any, school: Any, sheet: Sheet) -> Any:
    return list_checks(asked, school, sheets.figures_of(sheet.snapshot, str(sheet.path)))


def test_one_click_reminds_who_must_act_once_and_names_who_cannot_be_reached(city: dict[str, Any], asked: Any) -> None:
    from lingqu.foundation.registry.models import Duty

    first, second = city["schools"][:2]
    for school, kind, name, phone in (
        (first, "school_admin", "林经办", "13900000001"), (first, "principal", "邵校长", "13900000002"),
        (second, "principal", "顾校长", ""),
    ):  # fmt: skip
        person = testing.make_teacher(school, name, phone=phone)
        Duty.objects.create(person=person, organisation=school, path=school.path, kind=kind, valid_from=testing.START)
    done = reminding.remind_schools(actor=SYSTEM, round_id=asked.id)
    assert (done.reached, done.without_phone, done.recently) == ((first.name,), (second.name,), ())
    told = [crypto.unseal_fields(message.sealed) for message in Message.objects.order_by("id")]
    assert sorted(one["to"] for one in told) == ["13900000001", "13900000002"]
    assert all(first.name in one["body"] for one in told)
    assert reminding.remind_schools(actor=SYSTEM, round_id=asked.id).recently == (first.name,)
    assert Message.objects.count() == 2
    [row] = [one for one in boards.get_board(actor=SYSTEM, round_=asked)[0] if one.code == first.code]
    assert row.reminded_at is not None
    rounds.close_round(actor=SYSTEM, round_id=asked.id)
    with pytest.raises(Conflict):
        reminding.remind_schools(actor=SYSTEM, round_id=asked.id)


def test_a_waiting_sheet_reminds_the_principal_alone_and_a_confirmed_one_nobody(
    city: dict[str, Any], asked: Any
) -> None:
    from lingqu.foundation.registry.models import Duty

    first, second = city["schools"][:2]
    for school in (first, second):
        for kind, phone in (
            ("school_admin", "13900000001"),
            ("principal", f"1390000001{city['schools'].index(school)}"),
        ):
            person = testing.make_teacher(school, phone=phone)
            Duty.objects.create(
                person=person, organisation=school, path=school.path, kind=kind, valid_from=testing.START
            )
    submitted(asked, first)
    confirmed(asked, second)
    assert reminding.remind_schools(actor=SYSTEM, round_id=asked.id).reached == (first.name,)
    assert [crypto.unseal_fields(message.sealed)["to"] for message in Message.objects.all()] == ["13900000010"]


def test_closed_rounds_take_nothing(city: dict[str, Any], asked: Any) -> None:
    rounds.close_round(actor=SYSTEM, round_id=asked.id)
    with pytest.raises(Conflict):
        submitted(asked, city["schools"][0])
    with pytest.raises(Conflict):
        rounds.open_round(
            actor=SYSTEM, organisation_code=city["counties"][0].code, year="2026-2027", term="1", deadline=today()
        )


def test_the_public_check_says_genuine_and_nothing_else(city: dict[str, Any], asked: Any) -> None:
    school = city["schools"][0]
    sheet = confirmed(asked, school)
    client = Client()
    page = client.get("/verify/sheets", {"number": sheet.number, "code": sheet.check_code}).content.decode()
    assert "真实" in page
    assert sheet.digest[:16] in page
    assert school.name not in page
    for number, code in ((sheet.number, "0000-0000"), ("QR-2026Q-0999", sheet.check_code), ("", "x")):
        answer = client.get("/verify/sheets", {"number": number, "code": code}).content.decode()
        assert "不符" in answer
        assert sheet.digest[:16] not in answer


def test_pdf_has_text_in_embedded_fonts(city: dict[str, Any], asked: Any) -> None:
    from lingqu.foundation.identity import testing as accounts

    sheet = confirmed(asked, city["schools"][0])
    client = accounts.browser(accounts.duty_account("county_admin", city["counties"][0]))
    answer = client.get(f"/statistics/sheets/{sheet.id}/sheet.pdf")
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF-")
    assert b"NotoSansSC" in answer.content
    assert b"/Type/Pages/Count 1/" in answer.content, "one sheet of paper"
