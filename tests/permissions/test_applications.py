"""Every role × every action on applications, in the own county; and none of it in the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from lingqu.foundation.applications import api as applications
from lingqu.foundation.applications import testing as making
from lingqu.foundation.applications.models import Application, LegacyAccount, LogoutNotice, Participation
from lingqu.foundation.applications.selectors.pages import get_row, list_applications
from lingqu.foundation.applications.selectors.releases import list_given
from lingqu.foundation.applications.services import (
    adopting,
    filing,
    granting,
    icons,
    legacy,
    paper,
    registering,
    reviewing,
    sandbox,
    secrets,
    states,
    telling,
)
from lingqu.foundation.applications.types.values import App
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.roles import ROLES
from lingqu.foundation.identity.services import sso
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Forbidden, NotFound
from tests.applications.test_icons_and_again import png

from .world import World, actor_of

pytestmark = pytest.mark.django_db
BUREAU = {"county_admin"}
SEES = {"county_admin", "security_admin", "system_admin", "register_officer", "school_admin", "principal"}


class Scene:
    """A county's live application, a submitted one, and a vendor's draft."""

    def __init__(self, world: World, node: Any, vendor: Any) -> None:
        self.node = node
        self.live = making.make_application(f"正式{node.school.code}", organisation=node.county, by_consent=["gender"])
        self.submitted = making.make_application(
            f"在审{node.school.code}", organisation=node.county, state="submitted", is_sandbox=True, live_since=None
        )
        self.draft = making.make_application(
            f"草稿{node.school.code}", organisation=node.county, state="draft", is_sandbox=True, live_since=None,
            vendor=vendor, scopes=[],
        )  # fmt: skip
        self.adoption = making.adopt(self.live, node.school)
        session = sso.begin(testing.account_for(testing.make_person(organisation=node.school)), amr=["pwd"])
        applications.join(session_id=session.id, app=self.live, protocol="oidc", data={})
        self.notice = LogoutNotice.objects.create(
            participation=Participation.objects.get(session_id=session.id), session_id=session.id, protocol="oidc",
            application_id=self.live.id, state="given_up",
        )  # fmt: skip
        self.row = LegacyAccount.objects.create(application_id=self.live.id, vendor_user="u", name="甲")

    def review(self, kind: str) -> Callable[[Actor], Any]:
        return lambda actor: reviewing.give_opinion(
            actor=actor, application_id=self.submitted.id, kind=kind, is_passed=True, remark="可以"
        )

    def actions(self) -> dict[str, tuple[Callable[[Actor], Any], set[str]]]:
        live, draft = self.live, self.draft
        return {
            "page": (lambda actor: get_row(actor, live.client_id), SEES),
            "register": (lambda actor: registering.create_live(
                actor=actor, details=registering.Details(name="新的"), organisation_id=self.node.county.id), BUREAU),
            "draft": (lambda actor: registering.create_draft(
                actor=actor, details=registering.Details(name="新的"), organisation_id=self.node.county.id), {"vendor"}),
            "change": (lambda actor: _change(actor, live), BUREAU),
            "change the draft": (lambda actor: _change(actor, draft), BUREAU | {"vendor"}),
            "file": (lambda actor: filing.save_filing(
                actor=actor, application_id=draft.id, filing=filing.Filing(icp_record="1")), BUREAU | {"vendor"}),
            "grant": (lambda actor: granting.grant_scope(
                actor=actor, application_id=live.id, scope="phone", basis="duty", purpose="缺勤联系"), BUREAU),
            "end a scope": (lambda actor: granting.end_scope(
                actor=actor, application_id=live.id, scope="profile"), BUREAU),
            "make a secret": (lambda actor: secrets.make_secret(actor=actor, application_id=live.id), BUREAU),
            "make a secret of the draft": (
                lambda actor: secrets.make_secret(actor=actor, application_id=draft.id), BUREAU | {"vendor"}),
            "review function": (self.review("function"), BUREAU),
            "review security": (self.review("security"), {"security_admin"}),
            "review privacy": (self.review("privacy"), {"county_admin", "register_officer"}),
            "suspend": (lambda actor: states.suspend(actor=actor, application_id=live.id, reason="泄露"),
                        {"county_admin", "security_admin"}),
            "set the icon": (lambda actor: icons.set_icon(
                actor=actor, application_id=live.id, uploaded=SimpleUploadedFile("a.png", png(64, 64))), BUREAU),
            "set the icon of the draft": (lambda actor: icons.drop_icon(actor=actor, application_id=draft.id),
                                          BUREAU | {"vendor"}),
            "send a notice again": (lambda actor: telling.send_again(
                actor=actor, application_id=live.id, notice_id=self.notice.id), {"county_admin", "security_admin"}),
            "retire": (lambda actor: states.retire(actor=actor, application_id=live.id), BUREAU),
            "end an adoption": (lambda actor: adopting.end_adoption(actor=actor, adoption_id=self.adoption.id),
                                {"county_admin", "school_admin"}),
            "adopt": (lambda actor: self.adopt(actor), {"county_admin", "school_admin"}),
            "see who was disclosed": (lambda actor: list_given(actor, get_row(actor, live.client_id)),
                                      {"county_admin", "school_admin", "principal"}),
            "upload old users": (lambda actor: legacy.upload(
                actor=actor, application_id=live.id, data="旧账号,姓名,手机\na,甲,1".encode()), BUREAU),
            "settle an old user": (
                lambda actor: legacy.settle(actor=actor, legacy_id=self.row.id, number=""), BUREAU),
            "record paper consents": (lambda actor: self.paper(actor), {"county_admin", "school_admin", "class_teacher"}),
        }  # fmt: skip

    def adopt(self, actor: Actor) -> None:
        adopting.end_adoption(actor=Actor.system("t"), adoption_id=self.adoption.id)
        adopting.adopt(
            actor=actor, application_id=self.live.id, organisation_id=self.node.school.id,
            decision=adopting.Decision(valid_from=today()),
        )  # fmt: skip

    def paper(self, actor: Actor) -> None:
        paper.record_paper(
            actor=actor, class_id=self.node.group.id, application_id=self.live.id, person_ids=[self.node.pupil.id],
            uploaded=SimpleUploadedFile("a.pdf", b"%PDF-1.7"),
        )  # fmt: skip


def _change(actor: Actor, app: App) -> None:
    registering.change_details(actor=actor, application_id=app.id, details=registering.Details(name="改名"))


def may(action: Callable[[Actor], Any], actor: Actor) -> bool:
    """Try it and undo it."""
    try:
        with transaction.atomic():
            action(actor)
            transaction.set_rollback(True)
    except (Forbidden, NotFound):
        return False
    return True


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_does_what_it_may_here_and_nothing_elsewhere(role: str, world: World) -> None:
    vendor = making.make_vendor(world.accounts["vendor"], world.own.county)
    here, there = Scene(world, world.own, vendor), Scene(world, world.other, None)
    actor = actor_of(world.accounts[role], role)
    done = {name for name, (action, _roles) in here.actions().items() if may(action, actor)}
    assert done == {name for name, (_action, roles) in here.actions().items() if role in roles}
    assert [name for name, (action, _roles) in there.actions().items() if may(action, actor)] == []
    foreign = set(Application.objects.filter(organisation=world.other.county).values_list("id", flat=True))
    assert not foreign & {row.id for row in list_applications(actor)}
    assert may(lambda one: sandbox.prepare_sandbox(actor=one), actor) == (role == "vendor")
    assert may(lambda one: sandbox.reset_sandbox(actor=one), actor) == (role == "vendor")
