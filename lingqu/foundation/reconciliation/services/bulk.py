"""Several cases at once: one answer for cases of one cause, or giving them to somebody else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from lingqu.kernel import audit, clock, files
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, TooLarge
from lingqu.kernel.ids import uuid7

from .. import policies, register
from ..models import Case, Evidence
from ..selectors.cases import EVERYTHING, Wanted, narrowed
from ..types.words import Assignee, CaseState, Handling
from .answering import MOST_NOTE, require_grounds
from .deadlines import Deadlines, region_of
from .evidence import MOST_FILES, stored_scan

MOST_CASES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Ticked cases (``ids``), or with ``whole`` everything that is ``wanted`` at the place ``path``."""

    path: str
    ids: tuple[int, ...] = ()
    whole: bool = False
    wanted: Wanted = field(default=EVERYTHING)


def _locked(choice: Choice) -> list[Case]:
    """Open cases of the choice, held for the transaction, in one order for everybody."""
    rows = Case.objects.select_for_update(of=("self",)).select_related("owner").exclude(state=CaseState.CLOSED)
    if choice.whole:
        rows = narrowed(rows.filter(Q(path__within=choice.path) | Q(other_path__within=choice.path)), choice.wanted)
    else:
        rows = rows.filter(id__in=choice.ids[: MOST_CASES + 1])
    found = list(rows.order_by("id")[: MOST_CASES + 1])
    if len(found) > MOST_CASES:
        raise TooLarge(_("一次最多处理 %(n)d 条，请按原因或学校分开。") % {"n": MOST_CASES})
    if not found:
        raise Invalid(_("请先勾选要处理的学生。"), code="nothing_chosen")
    return found


@transaction.atomic
def answer_cases(
    *, actor: Actor, choice: Choice, handling: str, note: str = "", done: bool = False, uploaded: Any = None
) -> int:
    """One handling, note and scan for every chosen case; returns how many.

    The cases must have one cause: what is said about all of them must be true of each. Raises :class:`Conflict` for
    several causes, :class:`Forbidden` if one of them is out of reach, :class:`Invalid` as a single answer does; then
    nothing is changed.
    """
    cases = _locked(choice)
    if not all(policies.may_work_case(actor, case) for case in cases):
        raise Forbidden()
    if len({case.cause for case in cases}) > 1:
        raise Conflict(_("所选学生的原因不同，请先按原因筛选，再一起处理。"), code="several_causes")
    note = note.strip()[:MOST_NOTE]
    with_scan = _with_scans(cases)
    full = [case for case in cases if with_scan.get(case.id, 0) >= MOST_FILES]
    if uploaded is not None and full:
        raise Conflict(_("一条最多 %(n)d 份材料。") % {"n": MOST_FILES}, code="too_many_files")
    bare = uploaded is None and any(case.id not in with_scan for case in cases)
    require_grounds(handling=handling, note=note, done=done, has_evidence=not bare)
    if uploaded is not None:
        _keep_scan(cases, uploaded, actor)
    ids = [case.id for case in cases]
    kept = {} if handling == Handling.TRANSFER else {"is_beyond_province": False}
    Case.objects.filter(id__in=ids).update(
        handling=handling, note=note, state=CaseState.DONE if done else CaseState.TODO, answered_by=actor.name,
        answered_at=clock.now(), **kept,
    )  # fmt: skip
    audit.record(
        actor, "reconciliation.cases.answered", subject_kind="reconciliation", path=choice.path,
        data={"cases": ids, "handling": handling, "done": done, "cause": cases[0].cause, "scan": uploaded is not None},
    )  # fmt: skip
    return len(ids)


def _with_scans(cases: list[Case]) -> dict[int, int]:
    found: dict[int, int] = {}
    for case_id in Evidence.objects.filter(case__in=cases).values_list("case_id", flat=True):
        found[case_id] = found.get(case_id, 0) + 1
    return found


def _keep_scan(cases: list[Case], uploaded: Any, actor: Actor) -> None:
    """One file beside every case: it is stored once and kept by one reference."""
    stored, name, media = stored_scan(uploaded)
    files.attach(stored.digest, owner_kind="reconciliation.bulk", owner_id=uuid7(), name=name)
    Evidence.objects.bulk_create(
        [
            Evidence(case=case, digest=stored.digest, name=name, size=stored.size, media_type=media, added_by=actor.name)
            for case in cases
        ],
        batch_size=2000,
    )  # fmt: skip


@transaction.atomic
def assign_cases(*, actor: Actor, choice: Choice, to: str) -> int:
    """Give open cases to another who must act: the child's school, the other school, or the county; returns how many.

    They get the full ten working days. Comparing again leaves them there while the cause stays. Raises :class:`Invalid`
    when a case has no such organisation.
    """
    if to not in Assignee.values:
        raise Invalid(_("请选择交给谁办。"), code="unknown_assignee")
    cases = [case for case in _locked(choice) if case.state == CaseState.TODO]
    if not all(policies.may_direct_case(actor, case) for case in cases):
        raise Forbidden()
    targets = _targets(cases, to)
    if any(targets.get(case.id) is None for case in cases):
        raise Invalid(_("有的学生没有“%(who)s”，请分开处理。") % {"who": Assignee(to).label}, code="no_assignee")
    deadlines, today, changed = Deadlines(), clock.today(), []
    for case in cases:
        owner = targets[case.id]
        if owner.id == case.owner_id:
            continue
        case.owner, case.owner_path, case.assigned_by = owner, owner.path, actor.name
        case.due_on = deadlines.due_after(today, region_of(owner.kind, str(owner.path)))
        changed.append(case)
    Case.objects.bulk_update(changed, ["owner", "owner_path", "assigned_by", "due_on"], batch_size=2000)
    audit.record(
        actor, "reconciliation.cases.assigned", subject_kind="reconciliation", path=choice.path,
        data={"cases": [case.id for case in changed], "to": to},
    )  # fmt: skip
    return len(changed)


def _targets(cases: list[Case], to: str) -> dict[int, Any]:
    """The organisation by case; cases without one are left out."""
    if to == Assignee.COUNTY:
        wanted = {case.id: _county_path(str(case.path)) for case in cases}
        known = {str(one.path): one for one in register.organisations().filter(path__in=_prefixes(wanted.values()))}
        return {id: _nearest(known, path) for id, path in wanted.items()}
    ids = {case.id: case.school_id if to == Assignee.SCHOOL else case.other_school_id for case in cases}
    held = register.organisations().in_bulk([one for one in ids.values() if one])
    return {id: held.get(one) for id, one in ids.items()}


def _county_path(path: str) -> str:
    return path.rpartition(".")[0] or path


def _prefixes(paths: Any) -> set[str]:
    return {".".join(parts[: n + 1]) for path in set(paths) for parts in [path.split(".")] for n in range(len(parts))}


def _nearest(known: dict[str, Any], path: str) -> Any:
    """The lowest region or bureau at or above a path."""
    while path:
        found = known.get(path)
        if found is not None and found.kind in ("region", "bureau"):
            return found
        path = path.rpartition(".")[0]
    return None
