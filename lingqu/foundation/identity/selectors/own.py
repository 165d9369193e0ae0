"""What belongs to somebody's own account: where it is signed in, attempts, and everything held about its person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import Q

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now

from .. import agents, register, roles
from ..models import (
    ActivationCode,
    Alert,
    ClassSession,
    DataFile,
    GuardianClaim,
    Invitation,
    KnownDevice,
    RoleAssignment,
    RoomSeat,
    SignInAttempt,
    SsoSession,
)
from ..types.values import Visit
from ..types.words import Outcome
from . import accounts, looks, real_names

MOST_VISITS, MOST_ATTEMPTS, MOST_ROWS, MOST_TRAIL, MOST_FILES = 50, 10, 5000, 500, 20


def list_visits(*, actor: Actor, here: UUID | None) -> tuple[Visit, ...]:
    """One's own sign-ins, running ones first, the newest before the older."""
    rows = SsoSession.objects.filter(account_id=account_of(actor)).order_by("-began_at")[:MOST_VISITS]
    made = [_visit(row, here) for row in rows]
    return tuple(sorted(made, key=lambda one: (not one.is_here, one.ended_at is not None)))


def list_attempts(*, actor: Actor) -> tuple[dict[str, Any], ...]:
    """The latest attempts to get into one's own account, by anybody."""
    rows = SignInAttempt.objects.filter(account_id=account_of(actor)).order_by("-id")[:MOST_ATTEMPTS]
    return tuple(
        {"at": row.at, "ok": row.outcome == "ok", "label": str(Outcome(row.outcome).label)}
        for row in rows
        if row.outcome in Outcome.values
    )


def is_ward(actor: Actor, person_id: UUID | None) -> bool:
    """A child that the actor guards (not as a 代办人)."""
    return actor.role == "guardian" and person_id in actor.things(registry.rights.PERSON_VIEW, "person")


def gather(actor: Actor, ward_id: UUID | None = None) -> Iterator[tuple[dict[str, Any], int]]:
    """All that is held about oneself, or about a child one guards, part by part, each with the number of parts.

    Plain values; sensitive numbers as one may see them oneself. No secrets: passwords, PINs and codes are not part of it.
    """
    if ward_id is not None:
        require(is_ward(actor, ward_id))
    person_id = ward_id or actor.person_id
    account = accounts.get_account(account_of(actor)) if ward_id is None else accounts.find_account_of(ward_id)
    about = registry.About(
        person_ids=tuple(registry.ids_of(person_id)) if person_id else (), account_id=account.id if account else None
    )
    total = len(registry.HELD.names) + 2
    yield {"register": registry.own_record(actor, person_id)}, total
    yield {**(_of_account(account) if account else {}), **_of_trail(actor, about, person_id)}, total
    for parts in registry.HELD.each(actor, about):
        yield dict(parts), total


def _of_trail(actor: Actor, about: registry.About, person_id: UUID | None) -> dict[str, Any]:
    """Who saw sensitive values, and what was done to the record and the account."""
    subjects = [("person", str(one)) for one in about.person_ids]
    subjects += [("account", str(about.account_id))] if about.account_id else []
    trail = Actor.system("identity")
    rows = [
        row
        for kind, key in subjects
        for row in audit.list_entries(trail, audit.Filter(subject_kind=kind, subject_id=key), limit=MOST_TRAIL).items
    ]
    return {
        "seen_by": [
            {"at": look.at, "name": look.name, "role": look.role, "purpose": look.purpose}
            for look in (looks.list_looks(actor=actor, person_id=person_id, limit=MOST_TRAIL) if person_id else ())
        ],
        "trail": [
            {"at": row.at, "action": row.action, "by": row.actor_name, "role": roles.title_of(row.role), "purpose": row.purpose}
            for row in sorted(rows, key=lambda row: row.at, reverse=True)
        ],
    }  # fmt: skip


def _of_account(account: Any) -> dict[str, Any]:
    running = Q(account=account)
    return {
        "account": {
            "login": account.login, "state": account.state, "opened_at": account.opened_at,
            "activated_at": account.activated_at, "last_login": account.last_login,
            "verified_email": account.verified_email, "has_verified_phone": account.verified_phone_blind is not None,
            "language": account.language,
        },
        "roles": [
            {"role": row.role, "title": roles.title_of(row.role), "organisation": row.organisation.name,
             "from": row.valid_from, "until": row.valid_until, "ended_at": row.ended_at}
            for row in RoleAssignment.objects.filter(running).select_related("organisation").order_by("id")
        ],
        "sign_ins": [
            {"began_at": row.began_at, "kind": row.kind, "means": row.amr, "browser": agents.words_of(row.agent),
             "ended_at": row.ended_at, "because": row.ended_because}
            for row in SsoSession.objects.filter(running).order_by("-began_at")[:MOST_ROWS]
        ],
        "attempts": list(
            SignInAttempt.objects.filter(running).order_by("-id").values("at", "outcome")[:MOST_ROWS]
        ),
        "passkeys": list(account.passkeys.order_by("made_at").values("name", "made_at", "last_used_at")),
        "real_name": [
            {"source": one.source, "detail": one.detail, "at": one.noted_at, "by": one.noted_by,
             "revoked_at": one.revoked_at, "reason": one.reason}
            for one in real_names.proofs_of(account.id)
        ],
        "codes": list(
            ActivationCode.objects.filter(running).order_by("-id").values(
                "purpose", "issued_at", "issued_by", "expires_at", "used_at"
            )[:MOST_ROWS]
        ),
        "claims_of_children": list(
            GuardianClaim.objects.filter(running).order_by("-made_at").values("relation", "state", "made_at", "decided_at")
        ),
        "seats_in_computer_rooms": registry.part_of(RoomSeat.objects.filter(running), "state", "changed_at"),
        "lessons_opened": registry.part_of(ClassSession.objects.filter(running), "kind", "began_at", "ended_at"),
        "alerts": registry.part_of(Alert.objects.filter(running), "rule", "day", "count", "first_at", "last_at", "closed_at"),
        "invitations": registry.part_of(Invitation.objects.filter(running), "channel", "shown", "invited_at"),
        "devices": registry.part_of(KnownDevice.objects.filter(running), "seen_at"),
    }  # fmt: skip


def _visit(row: SsoSession, here: UUID | None) -> Visit:
    over = row.ended_at or (row.expires_at if row.expires_at <= now() else None)
    return Visit(
        id=row.id, where=agents.words_of(row.agent), kind=row.get_kind_display(), amr=tuple(row.amr),
        began_at=row.began_at, seen_at=row.seen_at, ended_at=over,
        ended_because=row.get_ended_because_display() if row.ended_because else "", is_here=row.id == here,
    )  # fmt: skip


def account_of(actor: Actor) -> UUID:
    """The actor's own account; :class:`Forbidden` without one."""
    require(actor.account_id is not None)
    assert actor.account_id is not None
    return actor.account_id


def list_data_files(*, actor: Actor) -> tuple[DataFile, ...]:
    """The latest files that the actor asked for."""
    return tuple(
        DataFile.objects.filter(account=account_of(actor)).select_related("person").order_by("-asked_at")[:MOST_FILES]
    )


def list_wards(actor: Actor) -> tuple[Any, ...]:
    """Children of whom the actor may take the data along, by name."""
    if actor.role != "guardian":
        return ()
    ids = set(actor.things(registry.rights.PERSON_VIEW, "person")) - {actor.person_id}
    return tuple(register.people().filter(id__in=ids).order_by("name_key", "id")[:MOST_FILES])
