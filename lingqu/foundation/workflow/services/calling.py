"""Making cases: their number, their clock, and those that other cases call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.utils.translation import gettext as _

from lingqu.kernel import clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, NotFound

from ..engine import state as told
from ..models import Case, DefinitionVersion
from ..selectors import clocks
from ..selectors.plans import find_version, header_of, plan_of
from ..types.words import Act
from .moving import Moving

SERIAL_SQL = """
INSERT INTO workflow_caseserial (organisation_id, year, last) VALUES (%s, %s, 1)
ON CONFLICT (organisation_id, year) DO UPDATE SET last = workflow_caseserial.last + 1 RETURNING last
"""
DEEPEST = 8
"""Cases that call cases that call cases: deeper is a circle."""


def new_case(
    actor: Actor, version: DefinitionVersion, *, organisation_id: UUID, path: str, title: str, starter_id: UUID | None,
    starter_name: str, subject_id: UUID | None, fields: Mapping[str, Any],
) -> Moving:  # fmt: skip
    """A case that has not begun yet; nothing is written but its number."""
    now, graph = clock.now(), plan_of(version.id).graph
    due, yellow = clocks.deadlines(path, now, graph.days, graph.yellow, is_working=graph.is_working)
    case = Case(
        version=version, number=_number(organisation_id), title=title or version.name, organisation_id=organisation_id,
        path=path, starter_id=starter_id, starter_name=starter_name, subject_id=subject_id,
        engine=msgspec.to_builtins(told.State()), saved=graph.saved, started_at=now, due_at=due, yellow_at=yellow,
    )  # fmt: skip
    moving = Moving(actor, case, is_new=True)
    moving.set_fields(fields)
    return moving


def _number(organisation_id: UUID) -> str:
    year = clock.today().year
    with connection.cursor() as cursor:
        cursor.execute(SERIAL_SQL, [organisation_id, year])
        return f"BJ-{year}-{cursor.fetchone()[0]:06d}"


@transaction.atomic
def open_called(caller: Moving, effect: told.StartCase) -> Moving:
    """A case that a call activity starts, on the version that counts now; written when this returns."""
    case = caller.case
    version = find_version(effect.key, str(case.path))
    if version is None:
        raise NotFound(_("没有可用的流程 %(key)s。") % {"key": effect.key}, code="no_definition")
    if depth_of(case) >= DEEPEST:
        raise Conflict(_("流程互相调用得太深。"), code="too_deep")
    moving = new_case(
        caller.actor, version, organisation_id=case.organisation_id, path=str(case.path),
        title=f"{case.title} · {header_of(version.id)[1]}", starter_id=case.starter_id, starter_name=case.starter_name,
        subject_id=case.subject_id, fields=effect.inputs,
    )  # fmt: skip
    moving.case.parent, moving.case.parent_token = case, effect.token
    moving.note(Act.STARTED)
    moving.tell(told.Begin())
    moving.finish()
    return moving


def depth_of(case: Case) -> int:
    depth, parent = 0, case.parent
    while parent is not None:
        depth, parent = depth + 1, parent.parent
    return depth
