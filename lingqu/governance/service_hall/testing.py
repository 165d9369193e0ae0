"""Samples for tests that visit every address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lingqu.kernel.clock import today
from lingqu.kernel.crypto import seal_fields

from .models import BeyondTransfer, Paper, PaperRequest


def make_paper(pupil: Any, school: Any, **fields: Any) -> Paper:
    """A paper as issued, numbered by its row."""
    values = {
        "number": f"ZD-T-{Paper.objects.count()}", "check_code": "0000-0000", "kind": "study", "path": school.path,
        "facts": {"name": pupil.name, "sex": "女", "birth_date": "", "school": school.name, "grade": "八年级", "class": "八（1）班",
                  "since": "", "state": "在读", "register_school": school.name, "as_of": ""},
        "sealed": seal_fields({"register_number": "G990000201301010011"}), "valid_until": today() + timedelta(days=90),
    }  # fmt: skip
    return Paper.objects.create(person=pupil, school=school, **{**values, **fields})


def make_request(pupil: Any, parent: Any, school: Any, **fields: Any) -> PaperRequest:
    return PaperRequest.objects.create(
        person=pupil, applicant=parent, applicant_name=parent.name, school=school, path=school.path, due_on=today(),
        **{"kind": "study", "doubts": ["没有编入班级。"], **fields},
    )  # fmt: skip


def make_beyond(school: Any, **fields: Any) -> BeyondTransfer:
    """A transfer from another province that was begun today."""
    values = {
        "direction": "in", "name": "林河", "grade": "G08", "other_province": "河南省", "other_school": "郑州九中",
        "links": {"asked": today().isoformat()}, "due_on": today() + timedelta(days=14),
    }  # fmt: skip
    return BeyondTransfer.objects.create(school=school, path=school.path, **{**values, **fields})


def node_samples(world: Any) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """A paper and a request of each school; the rules of each county."""
    nodes = (world.own, world.other)
    papers: list[dict[str, Any]] = [{"paper_id": make_paper(node.pupil, node.school).id} for node in nodes]
    asked: list[dict[str, Any]] = [
        {"request_id": make_request(node.pupil, node.parent, node.school).id} for node in nodes
    ]
    moves: list[dict[str, Any]] = [{"beyond_id": make_beyond(node.school).id} for node in nodes]
    codes: list[dict[str, Any]] = [{"code": node.county.code} for node in nodes]
    found = {f"service_hall:{name}": (papers[0], papers[1]) for name in ("paper", "pdf", "revoke")}
    found |= {f"service_hall:{name}": (asked[0], asked[1]) for name in ("request", "decide", "withdraw")}
    found |= {f"service_hall:{name}": (moves[0], moves[1]) for name in ("beyond_one", "beyond_progress", "beyond_end")}
    extra: dict[str, dict[str, Any]] = {
        "rules": {},
        "rule_edit": {"kind": "transfer"},
        "guide_edit": {"service": "study"},
    }
    for name, more in extra.items():
        found[f"service_hall:{name}"] = ({**codes[0], **more}, {**codes[1], **more})
    found["service_hall:ask"] = ({"kind": "study"}, {"kind": "register"})
    found["service_hall:guide"] = ({"service": "study"}, {"service": "transfer"})
    return found
