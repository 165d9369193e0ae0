"""Freezing in the worker, and what a killed worker left unfinished."""

from __future__ import annotations

from uuid import UUID

from lingqu.kernel.jobs import job

from .services import snapshots


@job(queue="imports", retry=5)
def take_snapshot(*, snapshot_id: str) -> None:
    snapshots.perform(UUID(snapshot_id))
    snapshots.analyse()


@job(queue="maintenance", every="* * * * *")
def resume_snapshots() -> None:
    for snapshot_id in snapshots.list_unfinished():
        take_snapshot.defer(snapshot_id=str(snapshot_id), _lock="statistics", _once=f"snapshot:{snapshot_id}")
