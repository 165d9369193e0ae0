"""Opening and ending a lesson on a class screen or in a computer room. All its sessions end together."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, crypto, live
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, Forbidden, Unavailable

from .. import register
from ..models import ClassSession, ScreenRequest
from ..selectors import classroom
from ..types.words import ClassKind, SessionEnd
from . import sso

CODE_LASTS = timedelta(minutes=10)
KEPT_DAYS = 210
TRIES = 50
"""Serial numbers to try for a class code that no other room has; with a thousand rooms open one try almost always does."""


def open_class(
    *, actor: Actor, class_id: UUID, kind: ClassKind, amr: tuple[str, ...], by_code: bool = False
) -> ClassSession:
    """Open a lesson of a class the actor teaches; it ends at the bell. ``amr``: how she had proved herself; ``by_code``:
    a class screen that she lets in by typing a code there, having no phone at hand.
    """
    offer = classroom.find_offer(actor, class_id)
    if offer is None or actor.account_id is None:
        raise Forbidden
    group = register.get_class(class_id)
    with transaction.atomic():
        made = ClassSession.objects.create(
            kind=kind, class_group=group, account_id=actor.account_id, lesson=offer.lesson, ends_at=offer.ends,
            amr=list(amr),
        )  # fmt: skip
        if kind == ClassKind.ROOM or by_code:
            _give_code(made)
        _trace(actor, made, "identity.class.opened")
    return made


def renew_code(*, actor: Actor, session_id: UUID) -> None:
    """Another code for ten more minutes; the old one takes nobody in, and who is in stays."""
    session = classroom.get_class_session(actor=actor, session_id=session_id, kind=ClassKind.ROOM)
    if session.ended_at is not None or session.ends_at <= now():
        raise Conflict(_("这节课已经结束，请重新开一个课堂登录码。"), code="class_is_over")
    with transaction.atomic():
        session = ClassSession.objects.select_for_update().get(id=session.id)
        session.code_serial += 1
        _give_code(session)
        _trace(actor, session, "identity.class.code_renewed")
    tell(session.id)


def code_of(session: ClassSession) -> str:
    """The class code, which follows from the session under the platform's key; only its digest is stored."""
    made = crypto.imprint("class.code", f"{session.id}:{session.code_serial}")
    return f"{int.from_bytes(made) % 1_000_000:06d}"


def read_code(typed: str) -> str:
    """The digits of a code as people type it."""
    return "".join(re.findall(r"\d", unicodedata.normalize("NFKC", typed[:40])))


def code_digest(code: str) -> UUID:
    return crypto.blind("class_code", code)


def end_class(*, actor: Actor, session_id: UUID, kind: ClassKind) -> int:
    """下课: every session of the lesson ends. Returns how many; repeating it ends none."""
    session = classroom.get_class_session(actor=actor, session_id=session_id, kind=kind)
    with transaction.atomic():
        is_first = ClassSession.objects.filter(id=session.id, ended_at=None).update(
            ended_at=now(), code_hash=None, code_until=None
        )
        ended = sso.end_of_group(session.id, SessionEnd.LESSON)
        if is_first:
            _trace(actor, session, "identity.class.ended", sessions=ended)
    tell(session.id)
    return ended


def tell(session_id: UUID) -> None:
    """Pages that show the room read it again."""
    live.tell(topic_of(session_id), session_id)


def topic_of(session_id: UUID) -> str:
    return f"class:{session_id}"


def purge() -> int:
    """Class sessions go after seven months, screens that waited after a day."""
    ScreenRequest.objects.filter(expires_at__lt=now() - timedelta(days=1)).delete()
    return ClassSession.objects.filter(ends_at__lt=now() - timedelta(days=KEPT_DAYS)).delete()[0]


def _give_code(session: ClassSession) -> None:
    for _try in range(TRIES):
        digest = code_digest(code_of(session))
        holder = ClassSession.objects.filter(code_hash=digest).exclude(id=session.id)
        holder.filter(code_until__lte=now()).update(code_hash=None)
        if not holder.exists():
            session.code_hash, session.code_until = digest, min(now() + CODE_LASTS, session.ends_at)
            session.save(update_fields=["code_hash", "code_serial", "code_until"])
            return
        session.code_serial += 1
    raise Unavailable(_("现在开着的教室太多，请过几秒再试。"), details={"retry_after": 5})


def _trace(actor: Actor, session: ClassSession, action: str, **data: int) -> None:
    audit.record(
        actor, action, subject_kind="class", subject_id=session.class_group_id,
        path=str(session.class_group.school.path), data={"kind": session.kind, **data},
    )  # fmt: skip
