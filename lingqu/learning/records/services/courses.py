"""Courses brought in and closed."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, files
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import NotFound, TooLarge

from .. import policies
from ..cmi5.package import CHUNK, STRUCTURE, Package, read_package
from ..models import Course, CourseFile, Credential, Tenant
from ..selectors.courses import text_of
from ..types import rights
from ..types.scopes import ALL
from .credentials import mark_of

MOST_PACKAGE = 1 << 30
OWNER = "records.course"
TENANT = "cmi5"


def import_course(*, actor: Actor, organisation: Any, uploaded: Any) -> UUID:
    """A package or a bare structure as it was uploaded. Raises :class:`Cmi5Refused`; then nothing is kept."""
    require(actor.holds(rights.COURSES, str(organisation.path)))
    with tempfile.TemporaryDirectory(prefix="lingqu-cmi5-") as folder:
        path = Path(folder) / "package"
        _copy(uploaded, path)
        package = read_package(path)
        kept = {name: _keep(package, name) for name in package.files if name != STRUCTURE}
        return _store(actor, organisation, package, kept)


@transaction.atomic
def close_course(*, actor: Actor, course_id: UUID) -> None:
    """Nobody starts it any more; what was recorded stays."""
    row = Course.objects.select_for_update(of=("self",)).select_related("organisation").filter(id=course_id).first()
    if row is None:
        raise NotFound()
    require(policies.may_manage_course(actor, row))
    row.closed_at = row.closed_at or now()
    row.save(update_fields=["closed_at"])
    audit.record(
        actor, "records.course_closed", subject_kind=OWNER, subject_id=row.id, path=str(row.organisation.path)
    )  # fmt: skip
    changes.log(OWNER, [row.id])


@transaction.atomic
def _store(actor: Actor, organisation: Any, package: Package, kept: dict[str, Any]) -> UUID:
    tenant = tenant_of(organisation.id)
    row = Course.objects.create(
        organisation_id=organisation.id, tenant=tenant, title=text_of(package.course.title)[:300],
        structure=package.structure, unit_count=sum(1 for _unit in package.course.units()), added_by=actor.name,
    )  # fmt: skip
    CourseFile.objects.bulk_create(
        [CourseFile(course=row, name=name, digest=one.digest, size=one.size) for name, one in kept.items()],
        batch_size=1000,
    )
    for one in kept.values():
        files.attach(one.digest, owner_kind=OWNER, owner_id=row.id)
    audit.record(actor, "records.course_added", subject_kind=OWNER, subject_id=row.id, path=str(organisation.path))
    changes.log(OWNER, [row.id])
    return row.id


def tenant_of(organisation_id: UUID) -> Tenant:
    """The records of an organisation's courses, with the credential in whose name the platform writes them."""
    tenant, made = Tenant.objects.get_or_create(application=None, organisation_id=organisation_id, name=TENANT)
    if made:
        Credential.objects.create(
            tenant=tenant, key=secrets.token_hex(12), mark=mark_of(secrets.token_urlsafe(32)), name=TENANT, scopes=[ALL]
        )
    return tenant


def _copy(uploaded: Any, path: Path) -> None:
    written = 0
    with path.open("wb") as target:
        for part in uploaded.chunks(CHUNK):
            written += len(part)
            if written > MOST_PACKAGE:
                raise TooLarge(_("课程包最大 1 GB。"))
            target.write(part)


def _keep(package: Package, name: str) -> Any:
    with package.open_file(name) as opened:
        return files.put(iter(_parts(opened)), max_bytes=MOST_PACKAGE)


def _parts(opened: Any) -> Iterator[bytes]:
    while part := opened.read(CHUNK):
        yield part
