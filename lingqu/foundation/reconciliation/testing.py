"""Samples for tests that visit every address."""

from __future__ import annotations

from datetime import date
from typing import Any

from lingqu.kernel import crypto
from lingqu.kernel.ids import uuid7

from .models import Case, Evidence, NationalFile, Run, Ticket
from .types.words import Bucket, Cause, RunState


def make_case(school: Any, name: str = "周禾", **fields: Any) -> Case:
    """An open case of a school in a finished run of its county."""
    day = date(2026, 11, 15)
    file = NationalFile.objects.create(
        import_id=uuid7(), import_number="IM-20261115-01", path=school.path, as_of=day, loaded_by="何清"
    )
    run = Run.objects.create(
        file=file, path=school.path, as_of=day, actor_name="何清", state=RunState.DONE, compared_at=file.staged_at
    )
    return Case.objects.create(**{
        "key": uuid7(), "name": name, "name_key": name, "bucket": Bucket.NO_ENTRY, "cause": Cause.TO_ADD, "school": school,
        "path": school.path, "owner": school, "owner_path": school.path, "due_on": date(2026, 11, 27), "since": day,
        "seen_on": day, "last_run": run, **fields,
    })  # fmt: skip


def make_ticket(person: Any, school: Any) -> Ticket:
    return Ticket.objects.create(
        person=person, school=school, path=school.path, field="name", wanted_sealed=crypto.seal_fields({"value": "新名"}),
        wanted_shown="新名", wanted_digest=crypto.blind("ticket:name", "新名"), reason="改名", opened_by="吴静",
        due_on=date(2026, 11, 27),
    )  # fmt: skip


def node_samples(world: Any) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Route name → arguments in the own and in the other node."""
    cases = [make_case(node.school) for node in (world.own, world.other)]
    tickets = [make_ticket(node.pupil, node.school) for node in (world.own, world.other)]
    scans = [
        Evidence.objects.create(
            case=case, digest="0" * 64, name="a.pdf", size=1, media_type="application/pdf", added_by="吴静"
        )
        for case in cases
    ]

    def pair(name: str, rows: list[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        return {name: rows[0].id}, {name: rows[1].id}

    return {
        "reconciliation:answer": pair("case_id", cases), "reconciliation:evidence_add": pair("case_id", cases),
        "reconciliation:evidence": pair("evidence_id", scans), "reconciliation:ticket_withdraw": pair("ticket_id", tickets),
        "reconciliation:ticket_evidence": pair("ticket_id", tickets),
    }  # fmt: skip
