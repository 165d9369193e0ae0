"""Snapshots: ask for one, freeze it batch by batch, seal it, correct it by the next version, check it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, clock, jobs
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, NotFound

from .. import freezing, policies, register
from ..models import Sheet, Snapshot, SnapshotSchool
from ..types.words import SheetState, SnapshotKind, SnapshotState

BATCH = 100
"""Schools frozen in one transaction."""
SCHOOL_KINDS = ("school", "teaching_point")
EARLIEST = date(2000, 1, 1)


@transaction.atomic
def request_snapshot(*, actor: Actor, organisation_code: str, taken_on: date, reason: str = "") -> Snapshot:
    """Ask for the rows of a day at a part of the tree; the worker freezes them.

    A second one for the same day and place is a correction: it needs a reason and gets the next number. Raises
    :class:`Invalid` for a day that has not come, :class:`Conflict` while the former one is not sealed.
    """
    place = register.organisations().filter(code=organisation_code).first() if organisation_code else None
    if place is None:
        raise Forbidden()
    policies.require_take(actor, str(place.path))
    if not EARLIEST <= taken_on <= clock.today():
        told = _("统计时点应是今天或以前的日期。")
        raise Invalid(told, details={"taken_on": told})
    register.organisations().select_for_update().get(id=place.id)
    last = (
        Snapshot.objects.filter(organisation=place, taken_on=taken_on, kind=SnapshotKind.DAY)
        .order_by("-number")
        .first()
    )
    if last is not None and last.state != SnapshotState.SEALED:
        raise Conflict(_("这一天的快照正在固定，请等它完成。"), code="snapshot_running")
    if last is not None and not reason.strip():
        told = _("这一天已有快照。更正时请写明原因，原快照保留。")
        raise Invalid(told, details={"reason": told})
    made = Snapshot.objects.create(
        organisation=place, path=place.path, taken_on=taken_on, year=registry.school_year_of(taken_on),
        number=last.number + 1 if last else 1, reason=reason.strip()[:500], created_by=actor.name,
    )  # fmt: skip
    _trace(actor, "requested", made)
    jobs.defer("statistics.take_snapshot", snapshot_id=str(made.id), _lock="statistics", _once=f"snapshot:{made.id}")
    return made


def _trace(actor: Actor, action: str, snapshot: Snapshot, **data: object) -> None:
    audit.record(
        actor, f"statistics.snapshot.{action}", subject_kind="snapshot", subject_id=snapshot.id, path=str(snapshot.path),
        data={"day": snapshot.taken_on.isoformat(), "number": snapshot.number, **data},
    )  # fmt: skip


def perform(snapshot_id: UUID) -> Snapshot:
    """Freeze what is still missing, batch by batch, then seal. Killed anywhere, it goes on where it stopped."""
    while True:
        with transaction.atomic():
            snapshot = Snapshot.objects.select_for_update(of=("self",)).filter(id=snapshot_id).first()
            if snapshot is None:
                raise NotFound(_("没有这个快照。"))
            if snapshot.state == SnapshotState.SEALED:
                return snapshot
            missing = _missing(snapshot)
            if not missing:
                return _seal(snapshot)
            freeze(snapshot, missing)
        jobs.checkpoint()


def _missing(snapshot: Snapshot) -> list[UUID]:
    held = SnapshotSchool.objects.filter(snapshot=snapshot).values("school_id")
    schools = register.organisations().filter(path__within=str(snapshot.path), kind__in=SCHOOL_KINDS)
    schools = schools.exclude(closed_on__lte=snapshot.taken_on).exclude(id__in=held)
    return list(schools.order_by("id").values_list("id", flat=True)[:BATCH])


def freeze(snapshot: Snapshot, schools: Sequence[UUID]) -> None:
    before = previous_of(snapshot, schools)
    freezing.freeze_schools(
        snapshot_id=snapshot.id, day=snapshot.taken_on, year=snapshot.year, schools=schools,
        previous=[before.get(school) for school in schools],
    )  # fmt: skip


def previous_of(snapshot: Snapshot, schools: Iterable[UUID]) -> dict[UUID, UUID]:
    """The snapshot that a school's changes are counted against: for a sheet the one last confirmed, else the last sealed
    statistics of an earlier day."""
    wanted = list(schools)
    rows = SnapshotSchool.objects.filter(
        school_id__in=wanted, snapshot__kind=SnapshotKind.DAY, snapshot__state=SnapshotState.SEALED,
        snapshot__taken_on__lt=snapshot.taken_on,
    ).order_by("school_id", "-snapshot__taken_on", "-snapshot__number", "-id").distinct("school_id")  # fmt: skip
    found: dict[UUID, UUID] = dict(rows.values_list("school_id", "snapshot_id"))
    if snapshot.kind == SnapshotKind.SHEET:
        confirmed = Sheet.objects.filter(
            school_id__in=wanted, state__in=(SheetState.CONFIRMED, SheetState.RECEIVED)
        ).order_by("school_id", "-confirmed_at").distinct("school_id")  # fmt: skip
        found.update(confirmed.values_list("school_id", "snapshot_id"))
    return found


def _seal(snapshot: Snapshot) -> Snapshot:
    rows = SnapshotSchool.objects.filter(snapshot=snapshot).order_by("school_id").values_list("school_id", "digest")
    lines = [f"{school} {digest}" for school, digest in rows]
    snapshot.digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    snapshot.schools, snapshot.state, snapshot.sealed_at = len(lines), SnapshotState.SEALED, clock.now()
    snapshot.save(update_fields=["digest", "schools", "state", "sealed_at"])
    _trace(Actor.system("statistics"), "sealed", snapshot, digest=snapshot.digest, schools=snapshot.schools)
    return snapshot


def freeze_school(*, school: object, year: str, created_by: str) -> Snapshot:
    """One school as it is now, sealed in the current transaction: what a confirmation sheet shows."""
    made = Snapshot.objects.create(
        kind=SnapshotKind.SHEET, organisation=school, path=school.path, taken_on=clock.today(), year=year,  # type: ignore[attr-defined,misc]
        created_by=created_by,
    )  # fmt: skip
    freeze(made, [school.id])  # type: ignore[attr-defined]
    return _seal(made)


def list_unfinished() -> list[UUID]:
    return list(
        Snapshot.objects.filter(state=SnapshotState.RUNNING).order_by("created_at").values_list("id", flat=True)
    )


def find_differences(snapshot_id: UUID) -> list[UUID]:
    """Schools whose frozen rows no longer give the digest sealed with them; the seal itself counts as ``snapshot_id``."""
    snapshot = Snapshot.objects.get(id=snapshot_id)
    sealed = dict(
        SnapshotSchool.objects.filter(snapshot=snapshot).order_by("school_id").values_list("school_id", "digest")
    )
    wrong, ids = [], list(sealed)
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        again = freezing.digests_again(snapshot.id, part)
        wrong += [school for school in part if again.get(school) != sealed[school]]
    whole = hashlib.sha256("\n".join(f"{school} {digest}" for school, digest in sealed.items()).encode()).hexdigest()
    return wrong + ([snapshot.id] if whole != snapshot.digest else [])


def analyse() -> None:
    """Fresh planner statistics after a large snapshot."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE statistics_snapshotpupil, statistics_snapshotschool, statistics_pseudonym")
