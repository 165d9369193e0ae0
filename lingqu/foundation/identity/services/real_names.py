"""Real-name states: checked in person, by the national register, by an imported phone, by a platform above; revoked."""

from __future__ import annotations

from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, Invalid, NotFound

from .. import policies
from ..models import Account, RealNameProof
from ..types.words import RealNamePaper, RealNameSource

SYSTEM = Actor.system("identity")
MOST_TEXT = 200
CHUNK = 50_000
ALONE = """NOT EXISTS (SELECT 1 FROM registry_person q WHERE q.id_blind = p.id_blind AND q.id <> p.id
    AND q.canonical_id IS DISTINCT FROM p.id)"""
"""Nobody else has the ID number."""
NOTE = """
INSERT INTO identity_realnameproof (account_id, source, noted_by, detail)
SELECT a.id, %(source)s, %(by)s, {detail} FROM identity_account a JOIN registry_person p ON p.id = a.person_id
WHERE p.canonical_id IS NULL AND p.deceased_on IS NULL AND {evidence}
  AND NOT EXISTS (SELECT 1 FROM identity_realnameproof r WHERE r.account_id = a.id AND r.source = %(source)s
    AND (r.revoked_at IS NULL OR r.revoked_by <> %(by)s))
LIMIT %(most)s ON CONFLICT DO NOTHING
"""
"""What somebody revoked is not noted again by itself."""
LINKED = """(SELECT s.name FROM registry_sourcelink l JOIN registry_source s ON s.id = l.source_id
    WHERE l.entity_uuid = p.id AND {kind} ORDER BY l.id LIMIT 1)"""
NATIONAL = LINKED.format(kind="s.kind IN ('national_pupil', 'national_staff')")
BY_REGISTER = NOTE.format(
    detail=f"COALESCE({NATIONAL}, '')", evidence=f"p.id_blind IS NOT NULL AND {NATIONAL} IS NOT NULL AND {ALONE}"
)
BY_PHONE = NOTE.format(
    detail="''",
    evidence=f"""a.verified_phone_blind = p.phone_blind AND {LINKED.format(kind="true")} IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM registry_enrolment e WHERE e.person_id = p.id)
  AND NOT EXISTS (SELECT 1 FROM identity_account b WHERE b.verified_phone_blind = a.verified_phone_blind AND b.id <> a.id)""",  # noqa: S608
)
WITHDRAW = f"""
UPDATE identity_realnameproof r SET revoked_at = now(), revoked_by = %(by)s, reason = %(reason)s
FROM identity_account a JOIN registry_person p ON p.id = a.person_id
WHERE r.account_id = a.id AND r.source = 'register' AND r.revoked_at IS NULL AND (p.id_blind IS NULL OR NOT ({ALONE}))
"""  # noqa: S608


def confirm_in_person(*, actor: Actor, account: Account, paper: str) -> None:
    """Whoever administers the person has seen a paper and the face. Raises :class:`Conflict` when that was noted already."""
    require(policies.may_reset(actor, account))
    if paper not in RealNamePaper.values:
        told = _("请选择看过的证件。")
        raise Invalid(told, code="unknown_paper", details={"paper": told})
    with transaction.atomic():
        if not note(actor=actor, account_id=account.id, source=RealNameSource.TEACHER, detail=paper):
            raise Conflict(_("已经当面核验过。"), code="already_verified")


def note(*, actor: Actor, account_id: UUID, source: RealNameSource, detail: str = "") -> bool:
    """Note a proof, once for each source; whether it is new. The caller has seen the evidence or the right."""
    with transaction.atomic():
        Account.objects.select_for_update().get(id=account_id)
        made, is_new = RealNameProof.objects.get_or_create(
            account_id=account_id, source=source, revoked_at=None,
            defaults={"detail": detail[:MOST_TEXT], "noted_by": actor.name},
        )  # fmt: skip
        if is_new:
            _trace(actor, "identity.real_name.verified", made)
    return is_new


def revoke(*, actor: Actor, account: Account, proof_id: int, reason: str) -> None:
    """A proof turned out to be wrong. It stays in the history with the reason."""
    require(policies.may_reset(actor, account))
    if not reason.strip():
        told = _("请填写原因。")
        raise Invalid(told, code="reason_missing", details={"reason": told})
    with transaction.atomic():
        found = RealNameProof.objects.select_for_update().filter(id=proof_id, account=account).first()
        if found is None:
            raise NotFound(_("没有这条核验记录。"))
        if found.revoked_at is not None:
            raise Conflict(_("这条核验已经撤销。"), code="already_revoked")
        found.revoked_at, found.revoked_by, found.reason = now(), actor.name, reason.strip()[:MOST_TEXT]
        found.save(update_fields=["revoked_at", "revoked_by", "reason"])
        _trace(actor, "identity.real_name.revoked", found)


def match_register() -> dict[str, int]:
    """Note what register and proved phones say, set-based; take back matches whose ID number went or stands for two.

    An ID number counts when the national register brought the person and nobody else has it; a phone when it was imported
    for an adult and this account alone has proved it.
    """
    made = {"withdrawn": _run(WITHDRAW, reason=_("证件号没有了，或与另一人相同"))}
    for source, sql in ((RealNameSource.REGISTER, BY_REGISTER), (RealNameSource.PHONE, BY_PHONE)):
        made[source.value] = 0
        while True:
            noted = _run(sql, source=source.value, most=CHUNK)
            made[source.value] += noted
            if noted < CHUNK:
                break
    if any(made.values()):
        audit.record(SYSTEM, "identity.real_name.matched", subject_kind="platform", subject_id="real_names", data=made)
    return made


def _run(sql: str, **values: str | int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"by": SYSTEM.name, **values})
        return int(cursor.rowcount)


def _trace(actor: Actor, action: str, proof: RealNameProof) -> None:
    person = proof.account.person
    audit.record(
        actor, action, subject_kind="account", subject_id=proof.account_id, path=str(person.path) if person else None,
        data={"source": proof.source, "detail": proof.detail},
    )  # fmt: skip
    changes.log("identity.account", [proof.account_id], "u")
