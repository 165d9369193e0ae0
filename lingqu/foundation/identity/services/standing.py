"""What people choose for themselves: the role to act in, the language to read."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from lingqu.kernel import audit
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Forbidden, Invalid

from ..models import Account
from ..types.values import Standing


def choose_role(*, actor: Actor, standing: Standing, key: str) -> None:
    """Remember the chosen role as the next default. Only roles that the account holds can be chosen."""
    require(actor.is_signed_in and actor.account_id == standing.account_id)
    if key not in {choice.key for choice in standing.choices}:
        raise Forbidden()
    Account.objects.filter(id=standing.account_id).update(last_role=key)


@transaction.atomic
def choose_language(*, actor: Actor, language: str) -> None:
    """Pages and messages for this account are in this language from now on, in every browser."""
    if actor.account_id is None:
        raise Forbidden()
    if language not in dict(settings.LANGUAGES):
        raise Invalid(code="no_such_language")
    found = Account.objects.filter(id=actor.account_id).exclude(language=language)
    if found.update(language=language):
        audit.record(
            actor, "identity.account.language_chosen", subject_kind="account", subject_id=actor.account_id,
            data={"language": language},
        )  # fmt: skip
