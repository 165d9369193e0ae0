"""Papers of cases as anybody may have them confirmed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from lingqu.ui.figures import masked

from ..models import Case, CasePaper
from .plans import header_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a paper's holder is told: that it is genuine, of what, from where and how the case stands. Names are masked."""

    number: str
    process: str
    organisation: str
    name: str
    state: str
    started_at: datetime
    ended_at: datetime | None
    issued_at: datetime


def find_verified(organisation_code: str, number: str, code: str) -> Verified | None:
    """The paper with this number and check code; None for anything else, whichever of the two is wrong."""
    case = (
        Case.objects.select_related("organisation").defer("engine").filter(organisation__code=organisation_code, number=number)
    ).first()  # fmt: skip
    paper = CasePaper.objects.filter(case=case).first() if case is not None else None
    given = code.replace("-", "").replace(" ", "").upper()
    if case is None or paper is None or not secrets.compare_digest(paper.code.encode(), given.encode()):
        return None
    return Verified(
        number=case.number, process=header_of(case.version_id)[1], organisation=case.organisation.name,
        name=masked(case.starter_name, 1, 0) if len(case.starter_name) > 2 else f"{case.starter_name[:1]}*", state=case.state,
        started_at=case.started_at, ended_at=case.ended_at, issued_at=paper.issued_at,
    )  # fmt: skip
