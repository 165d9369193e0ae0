"""Issued papers and requests: one's own, those of a place, and whether one is genuine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.pages import Page, page_of

from .. import policies
from ..models import Paper, PaperRequest
from ..types import rights
from ..types.words import RequestState

ROWS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class MyPapers:
    papers: tuple[Paper, ...]
    requests: tuple[PaperRequest, ...]


def list_mine(actor: Actor) -> MyPapers:
    """Papers of oneself and of the children one settles things for, and requests that did not end in one."""
    people = [one for person_id in policies.wards(actor) for one in registry.ids_of(person_id)]
    if not people:
        return MyPapers(papers=(), requests=())
    papers = Paper.objects.filter(person_id__in=people).select_related("person", "school").order_by("-id")[:50]
    requests = PaperRequest.objects.filter(person_id__in=people, paper=None).select_related("person", "school")
    return MyPapers(papers=tuple(papers), requests=tuple(requests.order_by("-id")[:50]))


def get_paper(actor: Actor, paper_id: UUID) -> Paper:
    """For the person on it, the guardians, and whoever issues papers at its school."""
    paper = Paper.objects.select_related("person", "school").filter(id=paper_id).first()
    if paper is None or not (policies.may_issue(actor, str(paper.path)) or _is_family(actor, paper.person)):
        raise Forbidden()
    return paper


def get_request(actor: Actor, request_id: UUID) -> PaperRequest:
    found = PaperRequest.objects.select_related("person", "school", "paper").filter(id=request_id).first()
    if found is None or not (policies.may_issue(actor, str(found.path)) or _is_family(actor, found.person)):
        raise Forbidden()
    return found


def _is_family(actor: Actor, person: Any) -> bool:
    return (person.canonical_id or person.id) in policies.wards(actor)


def _places(actor: Actor) -> Q:
    condition = Q(pk=None)
    for path in actor.paths(rights.PAPER_ISSUE):
        condition |= Q(path__within=path)
    return condition


def list_open_requests(actor: Actor, *, cursor: str = "") -> Page[Any]:
    """What families wait for at the places where the actor issues papers, oldest first."""
    rows = PaperRequest.objects.filter(_places(actor), state=RequestState.OPEN).select_related("person", "school")
    return page_of(rows, order=("id",), limit=ROWS, cursor=cursor)


def count_open_requests(actor: Actor) -> int:
    return PaperRequest.objects.filter(_places(actor), state=RequestState.OPEN).count()


def list_issued(actor: Actor, *, cursor: str = "") -> Page[Any]:
    rows = Paper.objects.filter(_places(actor)).select_related("person", "school")
    return page_of(rows, order=("-id",), limit=ROWS, cursor=cursor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a stranger who holds a paper is told: enough to compare, nothing that does not stand on it."""

    number: str
    kind_label: str
    name: str
    school: str
    grade: str
    issued_at: Any
    valid_until: Any
    is_revoked: bool
    is_over: bool


def find_genuine(number: str, code: str) -> Verdict | None:
    """The paper with this number if the check code is its own. The name is shown without its middle."""
    paper = Paper.objects.select_related("school").filter(number=number[:40].strip().upper()).first()
    if paper is None or paper.check_code.replace("-", "") != code.replace("-", "").strip().upper():
        return None
    return Verdict(
        number=paper.number, kind_label=str(paper.get_kind_display()), name=veiled(paper.facts.get("name", "")),
        school=paper.school.name, grade=paper.facts.get("grade", ""), issued_at=paper.issued_at,
        valid_until=paper.valid_until, is_revoked=paper.revoked_at is not None, is_over=paper.valid_until < today(),
    )  # fmt: skip


def veiled(name: str) -> str:
    """周* for 周禾, 欧**娜 for 欧阳娜娜."""
    if len(name) < 3:
        return name[:1] + "*" * max(0, len(name) - 1)
    return name[0] + "*" * (len(name) - 2) + name[-1]
