"""The demo accounts, one per audience: set up after the import, and listed from what the register holds now."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from lingqu.foundation.identity import api as identity
from lingqu.foundation.registry import api as registry
from lingqu.kernel import home
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, NotFound

from .audiences import AUDIENCES, PASSWORD, STORY_PUPIL, Audience

ACTOR = Actor.system("demo")


def require_demo_home() -> None:
    if not home.is_demo():
        raise Conflict(_("这是正式环境，没有演示数据，也不能放入演示数据。"), code="demo.real_home")


def set_up_accounts() -> int:
    """Duty accounts, granted roles and one password for all of them. Repeating it repairs what is missing."""
    accounts = [_account_of(audience) for audience in AUDIENCES]
    for audience, account in zip(AUDIENCES, accounts, strict=True):
        if audience.grant and not audience.login:
            identity.grant_role(
                actor=ACTOR,
                account=account,
                role=audience.grant,
                organisation_code=audience.organisation,
                until=None,
            )
    identity.set_password([account.id for account in accounts], PASSWORD, actor=ACTOR)
    identity.count_sign_ins()
    return len(accounts)


def demo_accounts() -> list[dict[str, str]]:
    """[audience, login, password, organisation] of every audience."""
    require_demo_home()
    return [
        {
            "audience": audience.code,
            "login": _login_of(audience),
            "password": PASSWORD,
            "organisation": _organisation_name(audience.organisation),
        }
        for audience in AUDIENCES
    ]


def _login_of(audience: Audience) -> str:
    """What the person would type: the account's name, 学校代码-工号, or the person number."""
    if audience.login:
        return audience.login
    if audience.staff_number:
        return f"{audience.organisation}-{audience.staff_number}"
    return str(_person_of(audience).number)


def _account_of(audience: Audience) -> Any:
    if not audience.login:
        return identity.find_account_of(_person_of(audience).id)
    known = identity.find_account(audience.login)
    return known or identity.open_duty_account(
        actor=ACTOR,
        name=audience.name,
        login=audience.login,
        role=audience.grant,
        organisation=registry.find_organisation(audience.organisation),
    )


def _person_of(audience: Audience) -> Any:
    found = None
    if audience.staff_number:
        found = registry.find_person_by_staff_number(audience.organisation, audience.staff_number)
    else:
        pupil = _story_pupil(audience.organisation)
        if pupil is not None:
            found = pupil if audience.kin == "pupil" else _first_guardian(pupil)
    if found is None:
        raise NotFound(_("演示城市还没有建好：请先运行 lingqu demo create。"), code="demo.missing")
    return found


def _story_pupil(school_code: str) -> Any:
    """The linkable Person, read through its relations."""
    person = apps.get_model("registry", "Person")
    return person.objects.filter(
        enrolments__school__code=school_code, enrolments__school_number=STORY_PUPIL, enrolments__valid_to=None
    ).first()


def _first_guardian(pupil: Any) -> Any:
    link = pupil.guardianships.filter(valid_to=None, is_primary=True).select_related("guardian").first()
    return link.guardian if link else None


def _organisation_name(code: str) -> str:
    found = registry.find_organisation(code)
    if found is None:
        raise NotFound(_("演示城市还没有建好：请先运行 lingqu demo create。"), code="demo.missing")
    return str(found.name)
