"""Printing the official form of a case: the first print gives it its check code."""

from __future__ import annotations

import secrets
from uuid import UUID

from django.db import transaction

from lingqu.kernel import audit
from lingqu.kernel.actor import Actor

from ..models import CasePaper

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0 O 1 I."""
LENGTH = 10


@transaction.atomic
def issue(*, actor: Actor, case_id: UUID, path: str) -> str:
    """The check code of a case that the caller has shown to the actor; made once."""
    code = "".join(secrets.choice(LETTERS) for _place in range(LENGTH))
    paper, is_new = CasePaper.objects.get_or_create(case_id=case_id, defaults={"code": code})
    if is_new:
        audit.record(actor, "workflow.paper.issued", subject_kind="workflow.case", subject_id=case_id, path=path)
    return paper.code
