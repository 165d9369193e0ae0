"""Scheduled work of quality."""

from __future__ import annotations

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor
from lingqu.kernel.jobs import job

from .services import evaluating, reminding, retention


@job(queue="default", every="5 18 * * *")
def evaluate_everything() -> None:
    """Early in the morning of the platform's zone (UTC+8), after the night's imports."""
    root = registry.root_organisation()
    if root is not None:
        evaluating.evaluate(actor=Actor.system("quality"), path=str(root.path))


@job(queue="default", retry=5)
def evaluate(*, path: str) -> None:
    """A place that somebody had checked again, or the rest of an evaluation whose worker was killed."""
    evaluating.evaluate(actor=Actor.system("quality"), path=path)


@job(queue="maintenance", every="*/5 * * * *")
def resume_evaluations() -> None:
    for path in evaluating.list_stale():
        evaluate.defer(path=path, _once=f"quality:{path}")


@job(queue="messages", retry=5, lock="quality.reminders")
def send_reminders() -> None:
    reminding.send_waiting()


@job(queue="default", every="20 19 * * *")
def purge_quality() -> None:
    """Findings that went and scores of days long ago."""
    retention.purge()
