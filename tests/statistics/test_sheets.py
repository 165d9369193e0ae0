"""The confirmation sheet from submission to the county: numbers, ticks, returns, corrections, scans, the public check."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from lingqu.foundation.registry import testing
from lingqu.foundation.statistics.models import Pseudonym, Sheet, Snapshot
from lingqu.foundation.statistics.selectors import boards, sheets
from lingqu.foundation.statistics.services import rounds, snapshots
from lingqu.foundation.statistics.services import sheets as services
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict, Invalid

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
    return services.confirm_sheet(actor=SYSTEM, sheet_id=submitted(asked, school).id, ticks=BLOCKS)


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
    sheet = submitted(asked, city["schools"][0])
    with pytest.raises(Invalid):
        services.confirm_sheet(actor=SYSTEM, sheet_id=sheet.id, ticks=BLOCKS[:3])
    services.confirm_sheet(actor=SYSTEM, sheet_id=sheet.id, ticks=BLOCKS)
    for change in ({"digest": "0" * 64}, {"number": "QR"}, {"confirmed_by": "x"}, {"ticks": []}):
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
    second = services.confirm_sheet(actor=SYSTEM, sheet_id=submitted(asked, school).id, ticks=BLOCKS)
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
