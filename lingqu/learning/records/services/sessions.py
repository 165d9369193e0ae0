"""Sessions of units: launched, bounded while they last, ended; and what follows for blocks and the course."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.conf import settings
from django.db import transaction

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, changes, events
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Invalid, NotFound

from .. import policies
from ..cmi5 import names, session, structure, writing
from ..cmi5.structure import Unit
from ..models import Actor as StatementActor
from ..models import Course, Registration, Session, UnitState
from ..selectors.courses import activity_id, agent_of, find_registration, is_done, structure_of, units_of
from ..selectors.statements import rows_of
from ..types.documents import JSON, STATE, Conditions, Place
from ..types.events import CourseSatisfied
from ..types.formats import is_uuid
from ..types.values import Caller
from ..types.versions import V1
from . import session_keys
from .agents import touch_actor
from .documents import put_document
from .drafts import check_all
from .statements import store

MODES = (names.NORMAL, names.BROWSE, names.REVIEW)
LONGEST = timedelta(hours=12)
"""A session from which nothing came for so long is abandoned."""


@transaction.atomic
def launch(*, actor: Actor, course: Course, place: int, mode: str, return_url: str) -> str:
    """Everything that stands in the store before a unit opens (8, 9.3.1, 10.1), and the address that opens it."""
    require(policies.may_learn(actor, course))
    units = units_of(course)
    if mode not in MODES or not 0 <= place < len(units):
        raise NotFound()
    registration = _register(actor, course)
    for open_one in Session.objects.select_for_update().filter(
        registration=registration, place=place, ended_at=None
    ):  # fmt: skip
        _abandon(open_one, course, registration)
    secret, mark = session_keys.new_fetch()
    row = Session.objects.create(
        id=uuid4(), registration=registration, place=place, mode=mode, launched_at=now(), fetch_mark=mark
    )
    unit, about = units[place], activity_id(course.id, f"units/{place}")
    base = settings.LINGQU_CONTENT_URL or settings.LINGQU_PUBLIC_URL
    files = f"{base}/cmi5/content/{session_keys.files_token(row.id)}/"
    page = unit.url if unit.is_outside else files + unit.url
    setting = _setting(registration, row.id)
    _satisfy(course, registration, setting)
    _write(course, writing.launched(setting, unit, about, mode=mode, page=page, now=now()))
    put_document(
        Place(kind=STATE, tenant=course.tenant_id, agent=agent_of(registration), activity=about, registration=registration.id),
        names.LAUNCH_DATA, content_type=JSON,
        body=msgspec.json.encode(writing.launch_data(unit, row.id, mode, return_url)), asked=Conditions(version=V1),
    )  # fmt: skip
    return writing.launch_url(
        page, endpoint=f"{settings.LINGQU_PUBLIC_URL}/xapi", fetch=session_keys.fetch_url(row.id, secret),
        actor=agent_of(registration), registration=registration.id, activity_id=about,
    )  # fmt: skip


@transaction.atomic
def in_session(caller: Caller, statements: list[Any], write: Callable[[], list[str]]) -> list[str]:
    """Store a unit's statements if each is allowed at its turn, and note what they mean. What stood there already is left."""
    row = Session.objects.select_for_update().get(pk=caller.session_id)
    registration = Registration.objects.select_for_update().select_related("course").get(id=row.registration_id)
    course, sent = registration.course, copy.deepcopy(statements)
    numbers = [str(one["id"]).lower() for one in sent if isinstance(one, dict) and is_uuid(str(one.get("id", "")))]
    known = {found.id for found in rows_of(caller.tenant, numbers)}
    ids = write()
    standing = UnitState.objects.get_or_create(registration=registration, place=row.place)[0]
    facts = _facts(row, registration, course, standing)
    fresh = [one for one in sent if str(one.get("id", "")).lower() not in known]
    for one in fresh:
        facts = session.take(facts, one)
    if fresh:
        _note(row, standing, facts, fresh)
        _satisfy(course, registration, _setting(registration, row.id))
    return ids


@transaction.atomic
def waive(*, actor: Actor, registration_id: UUID, place: int, reason: str) -> None:
    """A unit counts as done without having been learnt (9.3.7); once a registration."""
    registration = (
        Registration.objects.select_for_update(of=("self",))
        .select_related("course__organisation")
        .filter(id=registration_id)
    ).first()
    if registration is None:
        raise NotFound()
    course = registration.course
    require(policies.may_manage_course(actor, course))
    units = units_of(course)
    if reason not in names.WAIVE_REASONS or not 0 <= place < len(units):
        raise Invalid()
    state = UnitState.objects.get_or_create(registration=registration, place=place)[0]
    if state.waived_at is not None:
        return
    state.waived_at, state.waived_reason = now(), reason
    state.save(update_fields=["waived_at", "waived_reason"])
    setting = _setting(registration, uuid4())
    about = activity_id(course.id, f"units/{place}")
    _write(course, writing.waived(setting, units[place], about, reason=reason, now=now()))
    _satisfy(course, registration, setting)
    audit.record(
        actor, "records.unit_waived", subject_kind="records.registration", subject_id=registration.id,
        path=str(course.organisation.path), data={"unit": place, "reason": reason},
    )  # fmt: skip


def abandon_old() -> int:
    """End the sessions from which nothing came for half a day; returns how many."""
    limit, ended = now() - LONGEST, 0
    for number in list(
        Session.objects.filter(ended_at=None, launched_at__lt=limit).values_list("id", flat=True)[:1000]
    ):
        with transaction.atomic():
            row = Session.objects.select_for_update().get(id=number)
            if row.ended_at is None and (row.last_at or row.launched_at) < limit:
                registration = Registration.objects.select_related("course").get(id=row.registration_id)
                _abandon(row, registration.course, registration)
                ended += 1
    return ended


def _register(actor: Actor, course: Course) -> Registration:
    found = find_registration(course, actor.person_id)
    if found is None:
        assert actor.person_id is not None
        person: Any = Registration._meta.get_field("person").related_model
        number = person.objects.values_list("number", flat=True).get(id=registry.ids_of(actor.person_id)[0])
        found, _made = Registration.objects.get_or_create(
            course=course, person_id=actor.person_id, defaults={"id": uuid4(), "actor_name": number}
        )
        known = touch_actor(course.tenant_id, agent_of(found))
        StatementActor.objects.filter(id=known).update(person=actor.person_id)
    return Registration.objects.select_for_update(of=("self",)).select_related("course").get(id=found.id)


def _abandon(row: Session, course: Course, registration: Registration) -> None:
    unit = units_of(course)[row.place]
    lasted = (row.last_at or now()) - row.launched_at
    about = activity_id(course.id, f"units/{row.place}")
    setting = _setting(registration, row.id)
    _write(course, writing.abandoned(setting, unit, about, lasted=lasted, now=now()))
    row.ended_at, row.ended_by = now(), "abandoned"
    row.save(update_fields=["ended_at", "ended_by"])


def _note(row: Session, state: UnitState, facts: session.Facts, sent: list[Mapping[str, Any]]) -> None:
    row.verbs, row.last_at = sorted(facts.verbs), now()
    if facts.is_over and row.ended_at is None:
        row.ended_at, row.ended_by = now(), "terminated"
    row.save(update_fields=["verbs", "last_at", "ended_at", "ended_by"])
    for one in sent:
        if session.is_defined(one):
            _judge(state, one)
    state.save()


def _judge(state: UnitState, statement: Mapping[str, Any]) -> None:
    columns = {names.COMPLETED: "completed_at", names.PASSED: "passed_at", names.FAILED: "failed_at"}
    column = columns.get(statement["verb"]["id"])
    if column is not None:
        setattr(state, column, now())
        scaled = (statement["result"].get("score") or {}).get("scaled")
        state.scaled = float(scaled) if scaled is not None else state.scaled


def _satisfy(course: Course, registration: Registration, setting: writing.Setting) -> None:
    """Statements for the blocks, and the course, that are done since now (9.3.9)."""
    shape, states = structure_of(course), {one.place: one for one in registration.units.all()}
    done = [unit.id for place, unit in enumerate(shape.units()) if is_done(unit, states.get(place))]
    for part in writing.newly_satisfied(shape, done, registration.satisfied):
        key = writing.key_of(part)
        about = activity_id(course.id, "course" if part is shape else f"blocks/{block_number(shape, key)}")
        _write(course, writing.satisfied(setting, part, about, now=now()))
        registration.satisfied.append(key)
        if part is shape:
            registration.done_at = now()
            events.publish(CourseSatisfied(registration_id=registration.id, course_id=course.id))
            changes.log("records.registration", [registration.id])
    registration.save(update_fields=["satisfied", "done_at"])


def block_number(shape: structure.Course, block_id: str) -> int:
    return [one.id for one in _blocks(shape.children)].index(block_id)


def _blocks(children: Iterable[structure.Block | Unit]) -> Iterator[structure.Block]:
    for child in children:
        if isinstance(child, structure.Block):
            yield child
            yield from _blocks(child.children)


def _facts(row: Session, registration: Registration, course: Course, state: UnitState) -> session.Facts:
    unit = units_of(course)[row.place]
    return session.Facts(
        session_id=str(row.id), registration=str(registration.id), publisher_id=unit.id,
        activity_id=activity_id(course.id, f"units/{row.place}"), actor=agent_of(registration), launch_mode=row.mode,
        mastery_score=unit.mastery_score, preferences_read=row.preferences_at is not None, verbs=frozenset(row.verbs),
        is_over=row.ended_at is not None, completed=state.completed_at is not None, passed=state.passed_at is not None,
    )  # fmt: skip


def _setting(registration: Registration, session_id: UUID) -> writing.Setting:
    return writing.Setting(actor=agent_of(registration), registration=registration.id, session_id=session_id)


def _write(course: Course, statement: dict[str, Any]) -> None:
    """The platform's own statement, checked like any other."""
    store(session_keys.platform_caller(course.tenant_id), check_all([statement], is_2=False), is_2=False)
