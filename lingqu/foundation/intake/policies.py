"""Who may run and see imports: by the path of the import, own place and below."""

from __future__ import annotations

from lingqu.kernel.actor import Actor

from .types import IMPORT_RUN, IMPORT_VIEW


def may_run(actor: Actor, path: str) -> bool:
    return actor.holds(IMPORT_RUN, path)


def may_see(actor: Actor, path: str) -> bool:
    return actor.holds(IMPORT_VIEW, path) or actor.holds(IMPORT_RUN, path)
