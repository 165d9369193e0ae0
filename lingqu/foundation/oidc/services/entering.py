"""A session enters an application: its one user id, the note that it takes part, and the code."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from lingqu.foundation.applications import api as applications
from lingqu.foundation.identity import api as identity

from ..types.values import Asked
from . import grants

PROTOCOL = "oidc"


@transaction.atomic
def enter(*, app: applications.App, session: identity.SessionFact, asked: Asked) -> str:
    """The code. The session joins the application, so that its end is told there."""
    subject = applications.subject_of(app=app, account_id=session.account_id)
    applications.join(session_id=session.id, app=app, protocol=PROTOCOL, data={"sub": subject})
    return grants.issue_code(app=app, session=session, subject=subject, asked=asked)


def claims_for(*, app: applications.App, grant: Any, scopes: Iterable[str]) -> dict[str, Any]:
    """What the application learns now, noted as a release. ``sub`` is always the grant's."""
    return applications.tell(
        app=app, account_id=grant.account_id, protocol=PROTOCOL, scopes=tuple(scopes), subject=grant.subject,
        session=grant.session_fact,
    )  # fmt: skip


def note(app: applications.App, endpoint: str, outcome: str, began: float, *, detail: str = "") -> None:
    """A line of the application's request log; ``began`` is of ``time.perf_counter``."""
    applications.log_request(
        app=app, protocol=PROTOCOL, endpoint=endpoint, outcome=outcome, detail=detail,
        milliseconds=round((time.perf_counter() - began) * 1000),
    )  # fmt: skip
