"""One person, two records: finding such pairs, deciding about them, merging, taking a merge back.

A merge sets ``canonical`` and nothing else: no key is rewritten. What the merged record holds is read through all ids of
the person (``follow``), of some things there is one and their module chooses (``pick``), and some forbid the merge
(``refuse``).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, events, jobs
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden

from .. import policies
from ..loading.counts import recount
from ..models import Appointment, Enrolment, Guardianship, Person, SuspectPair
from ..models.keys import PersonKey
from ..selectors.places import ids_of
from ..types.events import PeopleMerged, PeopleUnmerged
from ..types.words import SuspectRule, SuspectState
from .facts import require_reason

MOST_ALIKE = 5
"""Records that share a name and a birth date but no number: more of them than this are not suspects but a bad file."""
SUSPECTS_SQL = """
WITH known AS (SELECT id, path, name, sex, birth_date, id_blind, phone_blind FROM registry_person
    WHERE canonical_id IS NULL AND deceased_on IS NULL),
  near AS (SELECT * FROM known WHERE path >= %(path)s::ltree AND path < %(end)s::ltree),
  pairs AS (
    SELECT a.id AS a, b.id AS b, 'same_id' AS rule, 1 AS weight FROM near a JOIN known b ON b.id_blind = a.id_blind
      AND b.id <> a.id
    UNION ALL
    SELECT a.id, b.id, 'same_birth', 2 FROM near a JOIN known b ON b.name = a.name AND b.birth_date = a.birth_date
      AND b.sex = a.sex AND b.id <> a.id WHERE a.id_blind IS NULL OR b.id_blind IS NULL
    UNION ALL
    SELECT a.id, b.id, 'same_phone', 3 FROM near a JOIN known b ON b.phone_blind = a.phone_blind AND b.name = a.name
      AND b.id <> a.id WHERE (a.id_blind IS NULL OR b.id_blind IS NULL)
      AND (a.birth_date IS NULL OR b.birth_date IS NULL OR a.birth_date = b.birth_date)),
  counted AS (SELECT *, count(*) OVER (PARTITION BY a, rule) AS alike FROM pairs)
INSERT INTO registry_suspectpair (first_id, second_id, rule, state, carried, reason, decided_by)
SELECT DISTINCT ON (1, 2) LEAST(a, b), GREATEST(a, b), rule, 'open', '{}', '', '' FROM counted
WHERE alike <= %(most)s ORDER BY 1, 2, weight
ON CONFLICT (first_id, second_id) DO NOTHING
"""


@transaction.atomic
def find_suspects(*, actor: Actor, path: str) -> int:
    """Look for pairs with a record in a subtree; returns how many are new. What was decided stays decided.

    Needs the right to edit people there. Costs one pass over the people of the node: it is work for a job.
    """
    if not actor.holds(policies.rights.PERSON_EDIT, path):
        raise Forbidden()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")
        cursor.execute(SUSPECTS_SQL, {"path": path, "end": f"{path}-", "most": MOST_ALIKE})
        found: int = cursor.rowcount
    if found:
        audit.record(actor, "registry.suspects.found", subject_kind="organisation", path=path, data={"pairs": found})
    return found


@transaction.atomic
def order_search(*, actor: Actor) -> int:
    """Have the worker look for pairs below every place that the actor keeps; returns the number of places."""
    paths = actor.paths(policies.rights.PERSON_EDIT)
    if not paths:
        raise Forbidden()
    for path in paths:
        jobs.defer("registry.find_suspects", path=path, _once=f"suspects:{path}")
    return len(paths)


@transaction.atomic
def point_out(*, actor: Actor, first_id: UUID, second_id: UUID) -> int:
    """Put two records among the suspects because somebody says so; returns the pair's id. A decided pair stays decided."""
    one, other = _locked_pair(first_id, second_id)
    policies.require_join_people(actor, one, other)
    first, second = sorted((one.id, other.id))
    pair, made = SuspectPair.objects.get_or_create(
        first_id=first, second_id=second, defaults={"rule": SuspectRule.STATED}
    )
    if made:
        _trace(actor, "registry.person.pointed_out", one, other, {})
    return pair.id


@transaction.atomic
def keep_apart(*, actor: Actor, first_id: UUID, second_id: UUID, reason: str) -> None:
    """Two records are two people: they are not asked about again."""
    first, second = _locked_pair(first_id, second_id)
    policies.require_join_people(actor, first, second)
    require_reason(reason)
    if first.canonical_id == second.id or second.canonical_id == first.id:
        raise Conflict(_("这两份档案已经合并，请先撤销合并。"), code="already_merged")
    _decide(actor, first, second, state=SuspectState.DIFFERENT, reason=reason)
    _trace(actor, "registry.person.kept_apart", first, second, {"reason": reason.strip()[:200]})


@transaction.atomic
def merge_people(*, actor: Actor, kept_id: UUID, merged_id: UUID, reason: str) -> None:
    """From now on ``kept_id`` stands for ``merged_id`` and for everybody that stood for.

    Raises :class:`Conflict` when one of them is merged already, when only one is deceased, when one guards the other,
    or when a table refuses (``on_merge="refuse"`` and both have rows).
    """
    kept, merged = _locked_pair(kept_id, merged_id)
    policies.require_join_people(actor, kept, merged)
    require_reason(reason)
    _require_joinable(kept, merged)
    carried = list(Person.objects.filter(canonical=merged).values_list("id", flat=True))
    Person.objects.filter(id__in=[merged.id, *carried]).update(canonical=kept, updated_at=Now())
    _decide(actor, kept, merged, state=SuspectState.MERGED, reason=reason, kept=kept, carried=carried)
    recount(_places([kept.id, merged.id, *carried]))
    _trace(actor, "registry.person.merged", kept, merged, {"reason": reason.strip()[:200]})
    events.publish(PeopleMerged(person_id=kept.id, merged_id=merged.id))


@transaction.atomic
def unmerge_people(*, actor: Actor, merged_id: UUID, reason: str) -> None:
    """Take a merge back: the record is a person of its own again, with the ids that it stood for before.

    What was written to the kept record meanwhile stays there. Raises :class:`Conflict` if it is not merged.
    """
    merged = Person.objects.select_for_update(of=("self",)).filter(id=merged_id).first()
    if merged is None:
        raise Forbidden()
    if merged.canonical_id is None:
        policies.require_join_people(actor, merged)
        raise Conflict(_("这份档案没有合并。"), code="not_merged")
    kept = Person.objects.select_for_update(of=("self",)).get(id=merged.canonical_id)
    policies.require_join_people(actor, kept, merged)
    require_reason(reason)
    pair = SuspectPair.objects.filter(_pair_of(merged, kept), state=SuspectState.MERGED).first()
    if pair is None:
        raise Conflict(_("它随另一份档案一起合并过来，请先撤销那一次合并。"), code="carried")
    Person.objects.filter(id=merged.id).update(canonical=None, updated_at=Now())
    Person.objects.filter(id__in=pair.carried, canonical=kept).update(canonical=merged, updated_at=Now())
    _decide(actor, kept, merged, state=SuspectState.OPEN, reason=reason)
    recount(_places([kept.id, merged.id, *pair.carried]))
    _trace(actor, "registry.person.unmerged", kept, merged, {"reason": reason.strip()[:200]})
    events.publish(PeopleUnmerged(person_id=kept.id, merged_id=merged.id))


def person_keys() -> tuple[tuple[Any, PersonKey], ...]:
    """Every key to Person of the whole platform: (model, field)."""
    return tuple(
        (model, field)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, PersonKey)
    )


def refusing_tables(first: Iterable[UUID], second: Iterable[UUID]) -> list[str]:
    """Names of tables that allow one owner only and have rows of both."""
    sides = (list(first), list(second))
    return [
        str(model._meta.verbose_name)
        for model, field in person_keys()
        if field.on_merge == "refuse"
        and all(model._default_manager.filter(**{f"{field.name}__in": ids}).exists() for ids in sides)
    ]


def _require_joinable(kept: Person, merged: Person) -> None:
    if kept.id == merged.id or merged.canonical_id is not None or kept.canonical_id is not None:
        raise Conflict(_("其中一份档案已经合并。"), code="already_merged")
    if (kept.deceased_on is None) != (merged.deceased_on is None):
        raise Conflict(_("一份档案登记了去世，另一份没有，请先核对。"), code="only_one_deceased")
    ones, others = ids_of(kept.id), ids_of(merged.id)
    families = Guardianship.objects.filter(valid_to=None)
    if families.filter(child_id__in=ones, guardian_id__in=others).exists() or families.filter(
        child_id__in=others, guardian_id__in=ones
    ).exists():  # fmt: skip
        raise Conflict(_("他们是监护关系，不可能是同一人。"), code="guardian_and_child")
    if tables := refusing_tables(ones, others):
        told = _("两份档案都有“%(table)s”，不能合并。") % {"table": "、".join(tables)}
        raise Conflict(told, code="refused", details={"tables": tables})


def _locked_pair(first_id: UUID, second_id: UUID) -> tuple[Person, Person]:
    """Both records, locked in one order. Raises :class:`Forbidden` for an unknown id."""
    found = {
        row.id: row
        for row in Person.objects.select_for_update(of=("self",)).filter(id__in=[first_id, second_id]).order_by("id")
    }
    if first_id not in found or second_id not in found or first_id == second_id:
        raise Forbidden()
    return found[first_id], found[second_id]


def _pair_of(one: Person, other: Person) -> Q:
    first, second = sorted((one.id, other.id))
    return Q(first_id=first, second_id=second)


def _decide(actor: Actor, one: Person, other: Person, *, state: str, reason: str, **more: Any) -> None:
    first, second = sorted((one.id, other.id))
    SuspectPair.objects.update_or_create(
        first_id=first, second_id=second,
        defaults={"state": state, "reason": reason.strip()[:200], "decided_by": actor.name, "decided_at": Now(),
                  "kept": None, "carried": [], **more},
        create_defaults={"rule": SuspectRule.STATED, "state": state, "reason": reason.strip()[:200],
                         "decided_by": actor.name, "decided_at": Now(), **more},
    )  # fmt: skip


def _places(ids: list[UUID]) -> set[UUID]:
    return {
        *Enrolment.objects.filter(person_id__in=ids, valid_to=None).values_list("school_id", flat=True),
        *Appointment.objects.filter(person_id__in=ids, valid_to=None).values_list("organisation_id", flat=True),
        *Guardianship.objects.filter(guardian_id__in=ids, valid_to=None).values_list(
            "child__organisation_id", flat=True
        ),
    }


def _trace(actor: Actor, action: str, kept: Person, other: Person, data: dict[str, Any]) -> None:
    for one, two in ((kept, other), (other, kept)):
        audit.record(
            actor,
            action,
            subject_kind="person",
            subject_id=one.id,
            path=str(one.path),
            data={**data, "other": str(two.id)},
        )
    changes.log("registry.person", [kept.id, other.id])
