"""Consent on paper: a class teacher records for a class whose guardians signed, with one scan of the sheets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, events, files
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Invalid, NotFound
from lingqu.kernel.media import HEAD_BYTES, scan_type_of

from .. import policies, register
from ..models import Consent, ConsentBatch
from ..selectors.apps import get_application
from ..types.events import ConsentEnded

MOST_BYTES = 10 << 20
_GIVE = """
INSERT INTO applications_consent
    (application_id, account_id, person_id, scopes, given_by, giver_name, batch_id, given_at, ended_by)
SELECT %(application)s, a.id, p.id, %(scopes)s, 'guardian', %(by)s, %(batch)s, clock_timestamp(), ''
FROM registry_person p LEFT JOIN identity_account a ON a.person_id = p.id
WHERE p.id = ANY(%(people)s) AND NOT EXISTS (
    SELECT 1 FROM applications_consent c WHERE c.application_id = %(application)s AND c.person_id = p.id
    AND c.ended_at IS NULL AND c.scopes @> %(scopes)s)
"""


def get_class(actor: Actor, class_id: UUID) -> Any:
    """The class with its school, for whoever records its paper consents; unknown and out of reach look the same."""
    found = register.classes().filter(id=class_id).select_related("school").first()
    if found is None or not policies.may_record_paper(actor, found):
        raise NotFound(_("没有这个班级。"))
    return found


@transaction.atomic
def record_paper(
    *, actor: Actor, class_id: UUID, application_id: UUID, person_ids: Iterable[UUID], uploaded: Any
) -> ConsentBatch:
    """Consents of the named pupils for everything that the application receives by consent; one scan proves them all."""
    group = get_class(actor, class_id)
    app = get_application(application_id)
    if not app.consent_scopes:
        raise Invalid(_("这个应用没有以同意为依据的信息。"))
    wanted = list(dict.fromkeys(person_ids))
    seated = set(
        register.of_person("class_memberships")
        .filter(class_group=group, valid_to=None, person_id__in=wanted)
        .values_list("person_id", flat=True)
    )
    if not wanted or seated != set(wanted):
        raise Invalid(_("请勾选本班已交回同意书的学生。"), details={"people": _("请勾选本班已交回同意书的学生。")})
    stored, name, media = _scan(uploaded)
    batch = ConsentBatch.objects.create(
        application_id=app.id, class_group=group, scopes=list(app.consent_scopes), digest=stored.digest, name=name,
        media_type=media, people=len(wanted), by=actor.name,
    )  # fmt: skip
    files.attach(stored.digest, owner_kind="applications.consent", owner_id=batch.id, name=name)
    with connection.cursor() as cursor:
        cursor.execute(
            _GIVE, {"application": app.id, "scopes": list(app.consent_scopes), "batch": batch.id, "people": wanted,
                    "by": actor.name},
        )  # fmt: skip
        made = cursor.rowcount
    audit.record(
        actor, "applications.consent_on_paper", subject_kind="class", subject_id=class_id, path=str(group.school.path),
        data={"application": app.client_id, "people": len(wanted), "new": made, "scopes": list(app.consent_scopes)},
    )  # fmt: skip
    return batch


@transaction.atomic
def withdraw_paper(*, actor: Actor, batch_id: UUID) -> int:
    """Recorded by mistake: the consents of the batch end. The scan stays. Returns how many ended."""
    batch = ConsentBatch.objects.select_for_update(of=("self",)).filter(id=batch_id).first()
    if batch is None:
        raise NotFound(_("没有这批同意书。"))
    group = get_class(actor, batch.class_group_id)
    open_rows = list(Consent.objects.select_for_update().filter(batch=batch, ended_at=None))
    Consent.objects.filter(id__in=[row.id for row in open_rows]).update(ended_at=now(), ended_by=actor.name)
    for row in open_rows:
        if row.account_id:
            events.publish(
                ConsentEnded(application_id=batch.application_id, account_id=row.account_id, scopes=tuple(row.scopes))
            )
    audit.record(
        actor, "applications.consent_on_paper_withdrawn", subject_kind="class", subject_id=group.id,
        path=str(group.school.path), data={"people": len(open_rows)},
    )  # fmt: skip
    return len(open_rows)


def read_scan(*, actor: Actor, batch_id: UUID) -> ConsentBatch:
    """The scan for whoever may record for the class; each reading is audited."""
    batch = ConsentBatch.objects.filter(id=batch_id).first()
    if batch is None:
        raise NotFound()
    group = get_class(actor, batch.class_group_id)
    audit.record(
        actor, "applications.consent_scan_read", subject_kind="class", subject_id=group.id, path=str(group.school.path)
    )
    return batch


def _scan(uploaded: Any) -> tuple[files.Stored, str, str]:
    """What it is decides its content, not its name."""
    if uploaded is None:
        raise Invalid(_("请选择同意书的扫描件。"), details={"scan": _("请选择同意书的扫描件。")})
    if uploaded.size > MOST_BYTES:
        message = _("扫描件不能超过 %(size)s。") % {"size": files.text_of_size(MOST_BYTES)}
        raise Invalid(message, details={"scan": message})
    media = scan_type_of(uploaded.read(HEAD_BYTES))
    uploaded.seek(0)
    if not media:
        raise Invalid(_("扫描件只收 PDF、JPEG 或 PNG。"), details={"scan": _("扫描件只收 PDF、JPEG 或 PNG。")})
    return files.put(uploaded, max_bytes=MOST_BYTES), files.safe_name(uploaded.name) or "consent", media
