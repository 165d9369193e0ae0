"""A life in the register as dated events, from the episodes and the recorded history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from lingqu.kernel.clock import ZONE
from lingqu.kernel.language import labelled, listed
from lingqu.ui.figures import day

from ..models import Person, PersonHistory
from ..types.cards import TimelineEvent
from ..types.grades import grade_label
from ..types.words import AppointmentRelation, Attendance, DutyKind, EmploymentKind, GuardianKind
from .episodes import Episode, list_episodes
from .labels import field_labels, label, subject_label
from .places import ids_of

MOST = 300


def word(choices: Any, code: str) -> str:
    """Name of a code of a closed word list; the code itself when it is none of them."""
    return str(choices(code).label) if code in choices.values else code


def list_timeline(
    person: Person, episodes: Sequence[Episode], history: Iterable[PersonHistory], *, as_of: date | None = None
) -> tuple[TimelineEvent, ...]:
    """Events newest first; with ``as_of`` only what had happened by that day."""
    events = [event for episode in episodes for event in _events(episode)] + [_change(row) for row in history]
    if person.deceased_on:
        events.append(TimelineEvent(on=person.deceased_on, kind="deceased", title=_("登记去世"), tone="bad"))
    if as_of is not None:
        events = [event for event in events if event.on <= as_of]
    return tuple(sorted(events, key=lambda event: (event.on, event.kind, event.title), reverse=True)[:MOST])


def _events(episode: Episode) -> Iterable[TimelineEvent]:
    make = _TITLES.get(episode.part)
    if make is None:
        return
    begin, ended, more = make(episode.data)
    yield TimelineEvent(on=episode.valid_from, until=episode.valid_to, kind=episode.part, title=begin, **more)
    if episode.valid_to is not None:
        yield TimelineEvent(on=episode.valid_to, kind=episode.part, title=ended, detail=begin, tag=_("结束"))


Made = tuple[str, str, dict[str, str]]


def _enrolment(data: dict[str, Any]) -> Made:
    tone = "good" if data["attendance"] == "registered" else "warn"
    parts = [grade_label(data["grade"]), data["reason"]]
    if data["expected"]:
        parts.append(_("预计 %(day)s 前返校") % {"day": day(date.fromisoformat(data["expected"]))})
    more = {"detail": " · ".join(filter(None, parts)), "tag": word(Attendance, data["attendance"]), "tone": tone}
    return _("就读：%(name)s") % data, _("离开：%(name)s") % data, more


def _register(data: dict[str, Any]) -> Made:
    more = {
        "tag": label("XSDQZT", data["state"]),
        "detail": _("来源 %(source)s，截至 %(as_of)s")
        % {"source": data["source"], "as_of": day(date.fromisoformat(data["as_of"])) if data["as_of"] else "—"},
    }
    return _("学籍：%(name)s") % data, _("学籍离开：%(name)s") % data, more


def _seat(data: dict[str, Any]) -> Made:
    return _("编入 %(name)s") % data, _("离开 %(name)s") % data, {"detail": f"{data['school']} · {data['year']}"}


def _appointment(data: dict[str, Any]) -> Made:
    more = {"detail": label("GWZY", data["post"]), "tag": word(EmploymentKind, data["employment"])}
    return labelled(word(AppointmentRelation, data["relation"]), data["name"]), _("离开：%(name)s") % data, more


def _duty(data: dict[str, Any]) -> Made:
    named = {"duty": word(DutyKind, data["kind"])}
    more = {"detail": f"{data['name']} {data['class'] or ''}".strip()}
    return _("担任 %(duty)s") % named, _("不再担任 %(duty)s") % named, more


def _teaching(data: dict[str, Any]) -> Made:
    named = {"name": data["name"], "subject": subject_label(data["subject"])}
    more = {"detail": str(data["school"])}
    return _("任教 %(name)s %(subject)s") % named, _("不再任教 %(name)s %(subject)s") % named, more


def _guardian(data: dict[str, Any]) -> Made:
    parts = [label("family_relation", data["relation"]), data["proof"]]
    if data["until"]:
        parts.append(_("至 %(day)s") % {"day": day(date.fromisoformat(data["until"]))})
    more = {"detail": " · ".join(filter(None, parts)), "tag": word(GuardianKind, data["kind"])}
    return _("监护人：%(name)s") % data, _("不再是监护人：%(name)s") % data, more


_TITLES: dict[str, Callable[[dict[str, Any]], Made]] = {
    "enrolment": _enrolment, "register": _register, "seat": _seat, "appointment": _appointment, "duty": _duty,
    "teaching": _teaching, "guardian": _guardian,
}  # fmt: skip


def _change(row: PersonHistory) -> TimelineEvent:
    names = field_labels()
    told = " · ".join(part for part in (row.actor_name, row.source) if part)
    if "deceased_on" in row.before:
        title = _("更正去世登记") if row.before["deceased_on"] else _("写入去世登记")
        return TimelineEvent(on=row.recorded_at.astimezone(ZONE).date(), kind="change", title=title, detail=told)
    fields = [names.get(field, field) for field in sorted(row.before)]
    if row.sealed_before is not None and not fields:
        fields = [_("敏感信息")]
    return TimelineEvent(
        on=row.recorded_at.astimezone(ZONE).date(), kind="change", title=_("变更：%(fields)s") % {"fields": listed(fields)},
        detail=told, tag=_("留有旧值"),
    )  # fmt: skip


def timeline_values(person: Person, *, as_of: date | None = None) -> list[dict[str, Any]]:
    """The timeline as plain values for programs."""
    ids = ids_of(person.id)
    history = PersonHistory.objects.filter(person_id__in=ids).order_by("-id")[:MOST]
    return [
        {
            "on": event.on.isoformat(), "until": event.until.isoformat() if event.until else None, "kind": event.kind,
            "title": event.title, "detail": event.detail, "tag": event.tag,
        }
        for event in list_timeline(person, list_episodes(ids), history, as_of=as_of)
    ]  # fmt: skip
