"""Papers of cases as anybody may have them confirmed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from lingqu.kernel import files, seals
from lingqu.ui.figures import masked

from ..models import Case, CaseFile, CasePaper, CaseSeal
from .plans import header_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SealLine:
    """An electronic seal on a case, and whether the sealed file is as it was."""

    node: str
    organisation: str
    signer: str
    serial: str
    sealed_at: datetime
    is_intact: bool = False


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
    seals: tuple[SealLine, ...] = ()


def list_seals(case_id: UUID) -> list[SealLine]:
    return [
        SealLine(
            node=row.file.node,
            organisation=row.organisation,
            signer=row.signer,
            serial=row.serial,
            sealed_at=row.sealed_at,
        )
        for row in CaseSeal.objects.filter(case=case_id).select_related("file").order_by("id")
    ]


def looked_at(case_id: UUID) -> tuple[SealLine, ...]:
    """The seals of a case, each file read and its signature checked."""
    rows = CaseSeal.objects.filter(case=case_id).select_related("file").order_by("id")
    return tuple(
        replace(line, is_intact=any(one.serial == row.serial and one.is_whole for one in _signatures(row.file)))
        for line, row in zip(list_seals(case_id), rows, strict=True)
    )


def _signatures(file: CaseFile) -> list[seals.Signature]:
    with files.open_file(file.digest) as source:
        return seals.look_at(source.read())


@dataclass(frozen=True, slots=True, kw_only=True)
class CopySeal:
    """A signature in a copy that somebody holds. ``organisation``: whose seal it is here, empty for one that this platform
    did not set."""

    signer: str
    set_at: datetime | None
    organisation: str
    number: str
    is_whole: bool


def check_copy(pdf: bytes) -> tuple[CopySeal, ...]:
    """The signatures of a copy; none for a file without."""
    found = seals.look_at(pdf)
    digest = sha256(pdf).hexdigest()
    rows = CaseSeal.objects.filter(serial__in=[one.serial for one in found], file__digest=digest)
    known = {row.serial: row for row in rows.select_related("case").defer("case__engine")}
    return tuple(
        CopySeal(
            signer=one.signer, set_at=one.set_at, is_whole=one.is_whole,
            organisation=known[one.serial].organisation if one.serial in known else "",
            number=known[one.serial].case.number if one.serial in known else "",
        )
        for one in found
    )  # fmt: skip


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
        started_at=case.started_at, ended_at=case.ended_at, issued_at=paper.issued_at, seals=looked_at(case.id),
    )  # fmt: skip
