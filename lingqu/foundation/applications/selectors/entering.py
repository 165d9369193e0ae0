"""Who may enter which application: state, sandbox, adoption, audience."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from lingqu.foundation.identity import api as identity
from lingqu.kernel.actor import covers
from lingqu.kernel.clock import now, today
from lingqu.kernel.compiled import Compiled

from ..models import Adoption, Application
from ..types.values import App, EntryRefused
from .sandbox import ROLE as SANDBOX
from .sandbox import find_sandbox_person


@dataclass(frozen=True, slots=True)
class Seat:
    """A role at a place, by which somebody reaches a shelf."""

    role: str
    path: str


def require_entry(*, app: App, session: identity.SessionFact, standing: identity.Standing) -> None:
    """Raise :class:`EntryRefused` unless the session's account may enter the application now, and from where it is."""
    if not app.is_live:
        raise EntryRefused(_("“%(name)s”现在不能使用。") % {"name": app.name}, code="not_live")
    if session.kind == identity.SessionKind.CLASS_SCREEN and not app.on_screen:
        raise EntryRefused(_("“%(name)s”不在班级大屏上打开。") % {"name": app.name}, code="screen")
    if app.is_sandbox:
        if find_sandbox_person(app.vendor_id, session.account_id) is None:
            raise EntryRefused(_("“%(name)s”还在沙箱里，只能用沙箱人员登录。") % {"name": app.name}, code="sandbox")
        return
    seats = seats_of(standing)
    places = _reaching(app, seats)
    if not places:
        raise EntryRefused(_("您所在的学校或单位没有选用“%(name)s”。") % {"name": app.name}, code="not_adopted")
    if not _admitted(app, places):
        raise EntryRefused(_("“%(name)s”不对您的身份开放。") % {"name": app.name}, code="audience")


def open_roles(*, app: App, path: str, roles: Iterable[str]) -> frozenset[str]:
    """Those of the roles by which somebody who sits at ``path`` may enter the application now; one statement."""
    if not app.is_live or app.is_sandbox:
        return frozenset()
    seats = [Seat(role, path) for role in roles]
    return _admitted(app, _reaching(app, seats))


def _admitted(app: App, places: Iterable[tuple[Seat, Sequence[str]]]) -> frozenset[str]:
    """Roles that an adoption reaches and that both it and the application are for."""
    return frozenset(seat.role for seat, meant in places if fits(seat, app.audiences) and fits(seat, meant))


def seats_of(standing: identity.Standing) -> tuple[Seat, ...]:
    """Roles that hold now, each at its place; a guardian is where the children sit. Sandbox people have none: no place uses
    an application for them."""
    at = now()
    return tuple(
        Seat(choice.role, path)
        for choice in standing.choices
        if choice.is_live(at) and choice.role != SANDBOX
        for path in ([choice.path] if choice.path else sorted({r.path for r in choice.rights if ":" not in r.path}))
    )


def fits(seat: Seat, audiences: Iterable[str]) -> bool:
    """Whether a role is among those an application is for; none named means all."""
    wanted = tuple(audiences)
    return not wanted or seat.role in wanted


def live_adoptions(day: date | None = None) -> QuerySet[Adoption]:
    """Adoptions that hold on a day, with their organisation."""
    at = day or today()
    return Adoption.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=at), ended_at=None, valid_from__lte=at
    ).select_related("organisation")


def adopting_organisations(application_id: UUID, *, most: int = 500) -> tuple[tuple[UUID, str | None, str], ...]:
    """Id, code and name of the organisations that use an application today."""
    rows = live_adoptions().filter(application_id=application_id).order_by("organisation__code")
    return tuple(
        dict.fromkeys(rows.values_list("organisation_id", "organisation__code", "organisation__name")[:most])
    )  # fmt: skip


def list_entered(session_id: UUID) -> tuple[identity.EnteredApp, ...]:
    """What a session entered, by name. One statement."""
    rows = Application.objects.filter(participations__session_id=session_id).distinct().order_by("name", "id")
    return tuple(
        identity.EnteredApp(name=name, is_told=is_told, minutes=minutes)
        for name, is_told, minutes in rows.values_list("name", "logout_support", "session_minutes")
    )


_ADOPTED = Compiled(
    lambda application_id, day: (
        live_adoptions(day).filter(application_id=application_id).values_list("organisation__path", "audiences")
    ),
    application_id=UUID(int=1), day=date(2000, 1, 1),
)  # fmt: skip


def _reaching(app: App, seats: Iterable[Seat]) -> list[tuple[Seat, Sequence[str]]]:
    """Seats under an adoption of today, each with the roles that it is for."""
    rows, places = _ADOPTED.rows(application_id=app.id, day=today()), tuple(seats)
    return [(seat, meant) for path, meant in rows for seat in places if covers(str(path), seat.path)]
