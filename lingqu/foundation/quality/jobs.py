"""Scheduled work of quality."""

from __future__ import annotations

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor
from lingqu.kernel.jobs import job

from .services import evaluating, retention


@job(queue="default", every="5 18 * * *")
def evaluate_everything() -> None:
    """Early in the morning of the platform's zone (UTC+8), after the night's imports."""
    root = registry.root_organisation()
    if root is not None:
        evaluating.evaluate(actor=Actor.system("quality"), path=str(root.path))


@job(queue="default", retry=1)
def evaluate(*, path: str) -> None:
    """A place that somebody had checked again."""
    evaluating.evaluate(actor=Actor.system("quality"), path=path)


@job(queue="default", every="20 19 * * *")
def purge_quality() -> None:
    """Findings that went and scores of days long ago."""
    retention.purge()
