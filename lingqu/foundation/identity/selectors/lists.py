"""Who has an account in use: the pupils of a class, the classes of a school, its staff."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from lingqu.kernel.actor import Actor, require
from lingqu.kernel.pages import Page, page_of

from .. import policies, register
from ..models import Account
from ..types import rights
from ..types.values import ClassAccount, ClassAccounts, InvitationSent, StaffAccount
from . import codes_open, inviting, real_names


def list_class_accounts(*, actor: Actor, class_id: UUID) -> tuple[ClassAccount, ...]:
    """The pupils who sit in a class, by number in class, with the state of their and their guardians' accounts."""
    group = register.get_class(class_id)
    require(policies.may_see_class_accounts(actor, group))
    return class_accounts(group)


def class_accounts(group: Any) -> tuple[ClassAccount, ...]:
    """The same for callers that have checked the permission. The dead are not listed."""
    seats = Q(
        person__class_memberships__class_group=group, person__class_memberships__valid_to=None,
        person__deceased_on=None, person__canonical=None,
    )  # fmt: skip
    rows = list(
        Account.objects.filter(seats).values(
            "id", "person_id", "login", "state", "last_login", "person__name", "person__name_key",
            "person__class_memberships__number",
        )
    )  # fmt: skip
    rows.sort(
        key=lambda row: (row["person__class_memberships__number"] or 10_000, row["person__name_key"], row["login"])
    )
    guardians, active = _guardians_of([row["person_id"] for row in rows])
    proofs = real_names.open_proofs([row["id"] for row in rows])
    open_codes = codes_open.accounts_with_code([row["id"] for row in rows])
    return tuple(
        ClassAccount(
            account_id=row["id"], person_id=row["person_id"], person_number=row["login"], name=row["person__name"],
            number=row["person__class_memberships__number"], state=row["state"], last_login=row["last_login"],
            guardians=len(guardians[row["person_id"]]), guardians_active=active[row["person_id"]],
            has_code=row["id"] in open_codes, proof=proofs.get(row["id"]),
        )
        for row in rows
    )  # fmt: skip


def _guardians_of(children: list[UUID]) -> tuple[dict[UUID, list[UUID]], dict[UUID, int]]:
    links = (
        register.people()
        .filter(wards__child_id__in=children, wards__valid_to=None, deceased_on=None)
        .values_list("wards__child_id", "id", "accounts__state")
    )
    found: dict[UUID, list[UUID]] = defaultdict(list)
    active: dict[UUID, int] = defaultdict(int)
    for child, guardian, state in links:
        found[child].append(guardian)
        active[child] += state == "active"
    return found, active


def list_schools(*, actor: Actor, most: int = 100) -> tuple[Any, ...]:
    """Schools whose accounts the actor may see, the first hundred by name; further ones are reached by their page."""
    found: dict[UUID, Any] = {}
    for place in actor.paths(rights.ACCOUNT_VIEW):
        rows = register.organisations().filter(
            path__within=place, kind__in=("school", "teaching_point"), code__isnull=False, closed_on=None
        )
        found.update({row.id: row for row in rows.order_by("name_key", "id")[:most]})
    return tuple(sorted(found.values(), key=lambda row: row.name_key)[:most])


def list_school_classes(*, actor: Actor, school: Any, cursor: str = "", limit: int = 8) -> Page[ClassAccounts]:
    """Classes in use with the number of pupils and of accounts in use; a few a page, since each is
    counted row by row."""
    require(policies.may_see_school_accounts(actor, school))
    rows = register.classes().in_use().filter(school=school)
    page = page_of(rows, order=("name", "id"), limit=limit, cursor=cursor)
    pupils = dict(_count_pupils([row.id for row in page.items]))
    active = dict(_count_pupils([row.id for row in page.items], person__accounts__state="active"))
    items = tuple(
        ClassAccounts(class_id=row.id, name=row.name, pupils=pupils.get(row.id, 0), pupils_active=active.get(row.id, 0))
        for row in page.items
    )
    return page.showing(items)


def _count_pupils(class_ids: list[UUID], **more: Any) -> Any:
    seats = register.people().model._meta.get_field("class_memberships").related_model.objects
    found = seats.filter(class_group_id__in=class_ids, valid_to=None, person__deceased_on=None, **more)
    return found.values_list("class_group_id").annotate(n=Count("id"))


def list_staff_accounts(
    *, actor: Actor, school: Any, part: str = "", cursor: str = "", limit: int = 50
) -> Page[StaffAccount]:
    """Staff who work at the school, by name; ``part`` narrows to those never invited, invited, or in."""
    require(policies.may_see_school_accounts(actor, school))
    posts = inviting.in_part(_posts(school), part)
    page = page_of(posts, order=("name_key", "id"), limit=limit, cursor=cursor)
    ids = [account.id for post in page.items for account in post.person.accounts.all()]
    sent = inviting.latest_invitations(ids)
    return page.showing(_staff_account(post, sent) for post in page.items)


def staff_without_account(school: Any, most: int = 2000) -> tuple[StaffAccount, ...]:
    """Staff of the school whose account is not in use yet, for callers that have checked the permission."""
    posts = _posts(school).filter(person__accounts__state="new").order_by("name_key", "id")[:most]
    return tuple({post.person_id: _staff_account(post) for post in posts}.values())


def _posts(school: Any) -> Any:
    return inviting.posts_at(school).select_related("person").prefetch_related("person__accounts")


def _staff_account(post: Any, sent: dict[UUID, InvitationSent] | None = None) -> StaffAccount:
    account = next(iter(post.person.accounts.all()), None)
    return StaffAccount(
        account_id=account.id if account else None, person_id=post.person_id, person_number=post.person.number,
        name=post.person.name, staff_number=post.staff_number, state=account.state if account else "new",
        last_login=account.last_login if account else None,
        invitation=(sent or {}).get(account.id) if account else None,
        has_address=bool(post.person.email or post.person.phone_blind),
    )  # fmt: skip
