"""Who may see and do what with cases and steps. The default is no."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from lingqu.foundation.identity import api as identity
from lingqu.foundation.inbox import api as inbox
from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.statements import Asked, Batch

from . import register
from .models import Case, Task
from .types import rights
from .types.words import TaskState


def keys_of(actor: Actor, known: frozenset[str] | None = None) -> frozenset[str]:
    """The inbox keys of the person (or ``known`` already), and that of the chosen role at its place."""
    if actor.person_id is None:
        return frozenset()
    own = inbox.keys_of(actor.person_id) if known is None else known
    return own | ({role} if (role := inbox.role_key(actor)) else frozenset())


def holds(actor: Actor, addresses: list[str], posts: Asked | None = None) -> bool:
    """Whether one of the addresses is the actor's. ``posts``: what ``registry.ask_posts`` answered, where that is known. A
    person's own address is known without asking the register."""
    if actor.is_system or f"person:{actor.person_id}" in addresses:
        return True
    if actor.person_id is None:
        return False
    if posts is None:
        batch = Batch()
        posts = registry.ask_posts(batch, actor.person_id)
        batch.send()
    if any(f"post:{post}" in addresses for (post,) in posts.rows):
        return True
    if all(address.startswith("post:") for address in addresses):
        return False
    return not keys_of(actor).isdisjoint(addresses)


def may_act(actor: Actor, task: Task) -> bool:
    """Whoever it is addressed to today; once claimed, whoever claimed it, while it is still theirs."""
    return holds(actor, task.addresses) and (actor.is_system or not is_taken(actor, task))


def is_taken(actor: Actor, task: Task) -> bool:
    """Whether somebody else claimed the step and still holds one of its addresses."""
    return (
        task.holder_id is not None and task.holder_id != actor.person_id and is_held_by(task.holder_id, task.addresses)
    )


def is_held_by(person_id: UUID, addresses: Iterable[str]) -> bool:
    """Whether one of the addresses is a person's today, in whatever role."""
    keys = inbox.keys_of(person_id)
    for address in addresses:
        kind, _colon, name = address.partition(":")
        code, _at, label = name.partition("@")
        if address in keys or (kind == "role" and identity.may_play(person_id, code, label)):
            return True
    return False


def may_manage(actor: Actor, case: Case) -> bool:
    return actor.holds(rights.CASE_MANAGE, str(case.path))


def is_applicant(actor: Actor, case: Case) -> bool:
    """Who started the case, whom it is about, and who guards that person."""
    if actor.person_id is None:
        return False
    if actor.person_id in (case.starter_id, case.subject_id):
        return True
    return is_own(actor, case.starter_id) or is_own(actor, case.subject_id)


def is_own(actor: Actor, person_id: UUID | None) -> bool:
    """The actor, or a child whom the actor guards."""
    if actor.person_id is None or person_id is None:
        return False
    if actor.person_id == person_id:
        return True
    belonging = registry.belonging_of(actor.person_id)
    return person_id in belonging.ids or any(person_id in child.ids for child in belonging.children)


def may_apply_for(actor: Actor, person_id: UUID) -> bool:
    """For oneself, one's child, or somebody whose record one may see."""
    if actor.is_system or is_own(actor, person_id):
        return True
    person = register.people().filter(id=person_id).first()
    return person is not None and registry.may_see_person(actor, person)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What an actor sees of a case. ``fields``: keys of form fields, ``"*"`` for all; ``nodes``: steps whose files are
    shown beside those of fields that are seen. ``tasks``: the actor's own steps."""

    fields: frozenset[str] = frozenset()
    tasks: tuple[UUID, ...] = ()
    nodes: frozenset[str] = frozenset()
    is_applicant: bool = False
    is_manager: bool = False
    is_clerk: bool = False
    is_record: bool = False
    """All that is left is a step done in a post, class or duty that is somebody else's now: to read, not to add to."""

    @property
    def sees_all(self) -> bool:
        return "*" in self.fields

    def sees(self, field: str) -> bool:
        return self.sees_all or field in self.fields


def sight_of(actor: Actor, case: Case, tasks: list[Task], granted: dict[str, frozenset[str]]) -> Sight | None:
    """What the actor sees of a case; None: not even that it exists. ``tasks`` are all of the case, ``granted`` the fields
    that each node grants. Somebody who acted on a step keeps what the step granted."""
    path = str(case.path)
    if actor.is_system or actor.holds(rights.CASE_DATA, path):
        return Sight(fields=frozenset({"*"}), is_manager=may_manage(actor, case), is_clerk=True)
    keys = keys_of(actor)
    mine = [
        task for task in tasks
        if (task.actor_id is not None and task.actor_id == actor.person_id)
        or (task.state == TaskState.OPEN and not keys.isdisjoint(task.addresses))
    ]  # fmt: skip
    is_applicant_here = is_applicant(actor, case)
    is_manager, is_clerk = may_manage(actor, case), actor.holds(rights.CASE_VIEW, path)
    is_in_office = any(not keys.isdisjoint(task.addresses) for task in mine)
    if not mine and not is_applicant_here and not is_manager and not is_clerk:
        return None
    fields = frozenset[str]().union(*(granted.get(task.node, frozenset()) for task in mine))
    if is_applicant_here:
        fields |= granted.get("", frozenset())
    return Sight(
        fields=fields, tasks=tuple(task.id for task in mine), nodes=frozenset(task.node for task in mine),
        is_applicant=is_applicant_here, is_manager=is_manager, is_clerk=is_clerk,
        is_record=not (is_in_office or is_applicant_here or is_manager or is_clerk),
    )  # fmt: skip


def require_act(actor: Actor, task: Task) -> None:
    require(may_act(actor, task))


def require_held(actor: Actor, task: Task) -> None:
    require(holds(actor, task.addresses))


def require_manage(actor: Actor, case: Case) -> None:
    require(may_manage(actor, case))


def require_define(actor: Actor, path: str, code: str = rights.DEFINE) -> None:
    if not actor.holds(code, path):
        raise Forbidden()
