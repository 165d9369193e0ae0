"""What happened to a person, newest first, and what held on a day."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ..models import Appointment, ClassMembership, Enrolment, RegisterEntry
from .places import ids_of


def timeline_of(person_id: UUID, *, as_of: date | None = None) -> list[dict[str, Any]]:
    """Episodes as ``kind``, ``place``, ``detail``, ``valid_from``, ``valid_to``; with ``as_of`` those open on that day."""
    ids = ids_of(person_id)
    rows: list[dict[str, Any]] = []
    for e in Enrolment.objects.filter(person_id__in=ids).select_related("school"):
        rows.append(_row("enrolment", e.school.name, f"{e.grade} {e.get_attendance_display()}".strip(), e))  # type: ignore[attr-defined]
    for r in RegisterEntry.objects.filter(person_id__in=ids).select_related("school"):
        rows.append(_row("register", r.school.name, r.state, r))
    for m in ClassMembership.objects.filter(person_id__in=ids).select_related("class_group__school"):
        rows.append(_row("class", m.class_group.school.name, m.class_group.name, m))
    for a in Appointment.objects.filter(person_id__in=ids).select_related("organisation"):
        rows.append(_row("appointment", a.organisation.name, f"{a.get_relation_display()} {a.staff_number}".strip(), a))  # type: ignore[attr-defined]
    if as_of is not None:
        rows = [r for r in rows if r["valid_from"] <= as_of and (r["valid_to"] is None or as_of < r["valid_to"])]
    return sorted(rows, key=lambda row: (row["valid_from"], row["kind"]), reverse=True)


def _row(kind: str, place: str, detail: str, episode: Any) -> dict[str, Any]:
    return {"kind": kind, "place": place, "detail": detail, "valid_from": episode.valid_from, "valid_to": episode.valid_to}
