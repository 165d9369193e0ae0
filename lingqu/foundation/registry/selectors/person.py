"""One person's page: identity, 学籍 and 就读 as two facts, family, work, timeline, now or as of a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from lingqu.kernel import audit
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.crypto import unseal_fields
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.language import listed

from .. import policies
from ..models import Appointment, Enrolment, Person, PersonHistory, RegisterEntry
from ..types.cards import (
    AccessEntry,
    AppointmentFact,
    ClassCard,
    EnrolmentFact,
    GuardianCard,
    PersonPage,
    PersonRef,
    RegisterFact,
)
from ..types.grades import grade_label, grades_label, norm_of, sex_label
from ..types.masking import masked
from ..types.words import AppointmentRelation, Attendance, ClassKind, DutyKind, EmploymentKind, GuardianKind
from .attributes import Attributes, attributes_as_of, current_attributes, shown_fields
from .episodes import Episode, list_episodes, of_part
from .labels import label, subject_label
from .places import ids_of
from .timeline import MOST, list_timeline, word

READING = "registry.person.revealed"


def get_person(actor: Actor, number: str) -> tuple[Person, policies.Standing]:
    """The person and what the actor may do with them; :class:`Forbidden` when that is nothing, or nobody has the number.

    A merged number leads to the person that it stands for today.
    """
    found = Person.objects.filter(number=number).select_related("organisation", "canonical__organisation").first()
    person = found.canonical or found if found else None
    if person is None:
        raise Forbidden()
    standing = policies.standing_on(actor, person)
    if not standing.may_see:
        raise Forbidden()
    return person, standing


def get_person_page(
    person: Person, *, ids: Sequence[UUID] = (), as_of: date | None = None, is_revealed: bool = False
) -> PersonPage:
    """Three statements. ``is_revealed`` shows sensitive values: only ``services.people.reveal_person`` asks for it.

    The caller has checked that its reader may see the person.
    """
    ids = ids or ids_of(person.id)
    episodes = list_episodes(ids)
    history = list(PersonHistory.objects.filter(person_id__in=ids).order_by("-id")[:MOST])
    attributes = attributes_as_of(person, history, as_of) if as_of else current_attributes(person)
    now = [episode for episode in episodes if episode.is_open(as_of)]
    entities = _entities(now)
    register, numbers = _register(now, is_revealed=is_revealed)
    shown = shown_fields(attributes, entities[0], register_number=listed(numbers), is_revealed=is_revealed)
    merged = Person.objects.filter(canonical=person).order_by("number") if len(ids) > 1 else Person.objects.none()
    return PersonPage(
        id=person.id, number=person.number, name=str(attributes.plain["name"]), entities=entities, fields=shown,
        sex_label=sex_label(str(attributes.plain["sex"])), age=_age(attributes, as_of or today()),
        deceased_on=person.deceased_on, synthetic=person.synthetic, path=str(person.path),
        organisation_name=person.organisation.name, register=register, duties=_duties(now), wards=_wards(now),
        enrolments=tuple(_enrolment(episode) for episode in of_part(now, "enrolment")),
        appointments=tuple(_appointment(episode) for episode in of_part(now, "appointment")),
        classes=tuple(_class(episode) for episode in of_part(now, "seat")),
        guardians=_guardians(now, is_revealed=is_revealed),
        timeline=list_timeline(person, episodes, history, as_of=as_of),
        merged_numbers=tuple(merged.values_list("number", flat=True)), as_of=as_of, is_revealed=is_revealed,
    )  # fmt: skip


def _entities(now: Sequence[Episode]) -> tuple[str, ...]:
    parts = {episode.part for episode in now}
    found = [
        name
        for name, signs in (("student", {"enrolment", "register"}), ("staff", {"appointment"}), ("guardian", {"ward"}))
        if parts & signs
    ]
    return tuple(found) or ("guardian",)


def entity_of(person: Person) -> str:
    """Which ownership of fields applies to the person: student, staff or guardian."""
    ids = ids_of(person.id)
    if Enrolment.objects.filter(person_id__in=ids).exists() or RegisterEntry.objects.filter(person_id__in=ids).exists():
        return "student"
    return "staff" if Appointment.objects.filter(person_id__in=ids).exists() else "guardian"


def _age(attributes: Attributes, day: date) -> int | None:
    stated = attributes.plain.get("birth_date")
    if not stated:
        return None
    born = date.fromisoformat(str(stated))
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _enrolment(episode: Episode) -> EnrolmentFact:
    data = episode.data
    return EnrolmentFact(
        id=episode.id, school_id=UUID(data["organisation"]), school_code=data["code"] or "", school_name=data["name"],
        grade_label=grade_label(data["grade"]), attendance=data["attendance"], boarding=data["boarding"],
        attendance_label=word(Attendance, data["attendance"]), school_number=data["number"],
        valid_from=episode.valid_from, valid_to=episode.valid_to, reason=data["reason"],
        expected_on=date.fromisoformat(data["expected"]) if data["expected"] else None,
    )  # fmt: skip


def _register(now: Sequence[Episode], *, is_revealed: bool) -> tuple[tuple[RegisterFact, ...], list[str]]:
    facts, numbers = [], []
    for episode in of_part(now, "register"):
        data = episode.data
        number = _unsealed(data["sealed"]).get("register_number", "")
        numbers += [number] if number else []
        facts.append(
            RegisterFact(
                school_name=data["name"], number=number if is_revealed else masked("register_number", number),
                state_label=label("XSDQZT", data["state"]), grade_label=grade_label(data["grade"]), source=data["source"],
                as_of=date.fromisoformat(data["as_of"]), valid_from=episode.valid_from, valid_to=episode.valid_to,
            )
        )  # fmt: skip
    return tuple(facts), numbers


def _unsealed(stored: str | None) -> dict[str, str]:
    return unseal_fields(bytes.fromhex(stored)) if stored else {}


def _appointment(episode: Episode) -> AppointmentFact:
    data = episode.data
    return AppointmentFact(
        school_code=data["code"] or "", school_name=data["name"], staff_number=data["number"],
        relation_label=word(AppointmentRelation, data["relation"]), subject=subject_label(data["subject"]), full_time=data["full_time"],
        employment_label=word(EmploymentKind, data["employment"]), post=label("GWZY", data["post"]),
        title=label("professional_titles_edu", data["title"]), valid_from=episode.valid_from, valid_to=episode.valid_to,
    )  # fmt: skip


def _duties(now: Sequence[Episode]) -> tuple[str, ...]:
    rows = [episode.data for episode in of_part(now, "duty")]
    return tuple(f"{word(DutyKind, data['kind'])} · {data['class'] or data['name']}" for data in rows)


def _class(episode: Episode) -> ClassCard:
    data = episode.data
    grades = tuple(data["grades"])
    return ClassCard(
        id=UUID(data["class"]), name=data["name"], written_name=data["written"], kind=data["kind"], grades=grades,
        kind_label=word(ClassKind, data["kind"]), grade_label=grades_label(grades), serial=None, size=data["size"],
        norm=norm_of(grades, data["schooling"]), room="", campus="", school_code=data["code"] or "",
        school_name=data["school"],
    )  # fmt: skip


def _guardians(now: Sequence[Episode], *, is_revealed: bool) -> tuple[GuardianCard, ...]:
    """One card a guardian: two records that were merged are one person."""
    made = []
    known: set[str] = set()
    rows = [episode for episode in of_part(now, "guardian") if not episode.data["deceased"]]
    for episode in sorted(rows, key=lambda episode: not episode.data["primary"]):
        data = episode.data
        if data["person"] in known:
            continue
        known |= {data["person"]} if data["person"] else set()
        phone = _unsealed(data["sealed"]).get("phone", "")
        made.append(
            GuardianCard(
                person=_ref(data) if data["person"] else None, name=data["name"] or "", is_primary=data["primary"],
                relation_label=label("family_relation", data["relation"]), kind_label=word(GuardianKind, data["kind"]),
                phone=phone if is_revealed else masked("phone", phone), lives_with=data["lives_with"], id=episode.id,
                since=episode.valid_from, until=date.fromisoformat(data["until"]) if data["until"] else None,
                proof=data["proof"],
            )
        )  # fmt: skip
    return tuple(made)


def _ref(data: dict[str, Any]) -> PersonRef:
    return PersonRef(id=UUID(data["person"]), number=data["number"], name=data["name"])


def _wards(now: Sequence[Episode]) -> tuple[tuple[PersonRef, str, str], ...]:
    found: dict[str, tuple[PersonRef, str, str]] = {}
    for episode in of_part(now, "ward"):
        data = episode.data
        if not data["deceased"]:
            relation = label("family_relation", data["relation"])
            found[data["person"]] = (_ref(data), relation, word(GuardianKind, data["kind"]))
    return tuple(found.values())


def list_accesses(person: Person, standing: policies.Standing, limit: int = 20) -> tuple[AccessEntry, ...]:
    """Who read or changed the person's record, newest first. Raises :class:`Forbidden` for those it is not for.

    The log is for the person, the guardian, and those who keep the record.
    """
    if not standing.may_see_log:
        raise Forbidden()
    entries = audit.list_for_subject("person", person.id, limit=limit).items
    names = access_words()
    return tuple(
        AccessEntry(
            at=entry.at, who=entry.actor_name, role=entry.role, purpose=entry.purpose,
            action_label=names.get(entry.action, entry.action),
        )
        for entry in entries
    )  # fmt: skip


def access_words() -> dict[str, str]:
    """What was done to a record, in words."""
    return {
        READING: _("查看敏感信息"), "registry.person.edited": _("修改信息"), "registry.person.deceased": _("登记去世"),
        "registry.person.death_corrected": _("更正去世登记"), "registry.person.class_moved": _("办理调班"),
        "registry.person.left": _("登记离校"), "registry.person.returned": _("登记返校"),
        "registry.person.merged": _("合并档案"), "registry.person.unmerged": _("撤销合并"),
        "registry.person.kept_apart": _("认定不是同一人"), "registry.person.pointed_out": _("提请核对是否同一人"), "registry.attribute.recorded": _("登记学生属性"), "registry.guardian.linked": _("确认监护人"),
        "registry.guardian.added": _("登记监护人"), "registry.guardian.ended": _("结束监护关系"),
    }  # fmt: skip
