"""Who may send, see and record what. The default is no; what the service says again, the page only hides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from lingqu.kernel.actor import Actor, covers, require
from lingqu.kernel.errors import Forbidden

from . import register
from .models import Notice, Robot
from .types import rights
from .types.words import Subject


def may_send_at(actor: Actor, path: str) -> bool:
    return actor.holds(rights.SEND, path)


def may_send_to_class(actor: Actor, class_id: UUID) -> bool:
    return class_id in actor.things(rights.SEND, "class")


def may_manage(actor: Actor, notice: Notice) -> bool:
    """To change, publish, correct and withdraw: whoever holds a post where it was sent from, or teaches its class as head."""
    if notice.class_group_id is not None:
        return may_send_to_class(actor, notice.class_group_id)
    return notice.post_id is not None and may_send_at(actor, str(notice.path))


def require_manage(actor: Actor, notice: Notice) -> None:
    if not may_manage(actor, notice):
        raise Forbidden()


def may_keep_robot(actor: Actor, robot: Robot) -> bool:
    """Whoever sends for the office itself, or heads the class."""
    if robot.class_group_id is not None:
        return may_send_to_class(actor, robot.class_group_id)
    return may_send_at(actor, str(robot.path))


def may_set_quiet_hours(actor: Actor, office: Any) -> bool:
    return actor.holds(rights.QUIET, str(office.path))


def require_quiet_hours(actor: Actor, office: Any) -> None:
    require(may_set_quiet_hours(actor, office))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whose receipts an actor sees of a notice: everybody's, or those below some places and in some classes, whose schools
    stand at ``schools``."""

    whole: bool = False
    paths: tuple[str, ...] = ()
    classes: tuple[UUID, ...] = ()
    schools: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.whole or self.paths or self.classes)


def reach_of(actor: Actor, notice: Notice, code: str = rights.FOLLOW) -> Reach:
    """The sender sees all; an office below what belongs to it; a class teacher the own class."""
    if actor.is_system or may_manage(actor, notice) or actor.holds(code, str(notice.path)):
        return Reach(whole=True)
    classes = actor.things(code, "class") if notice.reach.get(Subject.CHILD) or notice.reach.get(Subject.PERSON) else ()
    below = register.classes().filter(id__in=classes, school__path__within=str(notice.path)) if classes else None
    seats = dict(below.values_list("id", "school__path")) if below is not None else {}
    return Reach(
        paths=tuple(path for path in actor.paths(code) if covers(str(notice.path), path)),
        classes=tuple(seats), schools=tuple({str(path) for path in seats.values()}),
    )  # fmt: skip


def require_follow(actor: Actor, notice: Notice, code: str = rights.FOLLOW) -> Reach:
    found = reach_of(actor, notice, code)
    if found.is_empty:
        raise Forbidden()
    return found
