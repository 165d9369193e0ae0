"""Addresses of identity."""

from __future__ import annotations

from django.urls import path

from . import account_page, accounts, activation, again, audit, cards, door, locked, me, roles, room, screen, seat

app_name = "identity"
urlpatterns = [
    path("sign-in", door.sign_in, name="sign_in"),
    path("sign-in/again", again.again, name="sign_in_again"),
    path("sign-out", door.sign_out, name="sign_out"),
    path("screen", screen.screen, name="screen"),
    path("screen/finish", screen.finish, name="screen_finish"),
    path("screen/scan", screen.scan, name="screen_scan"),
    path("screen/mine", screen.mine, name="screens"),
    path("screen/<uuid:session_id>/end", screen.end, name="screen_end"),
    path("computer-room", room.start, name="computer_room"),
    path("computer-room/<uuid:session_id>", room.show, name="room"),
    path("computer-room/<uuid:session_id>/seats", room.seats, name="room_seats"),
    path("computer-room/<uuid:session_id>/act", room.act, name="room_act"),
    path("class-code", seat.code, name="class_code"),
    path("class-code/me", seat.who, name="class_seat"),
    path("class-code/pin", seat.pin, name="class_pin"),
    path("classes/<uuid:class_id>/cards", cards.print_cards, name="class_cards"),
    path("classes/<uuid:class_id>/cards/revoke", cards.revoke, name="revoke_card"),
    path("locked", locked.locked, name="locked"),
    path("locked/awake", locked.awake, name="awake"),
    path("locked/now", locked.lock_now, name="lock_now"),
    path("activate", activation.activate, name="activate"),
    path("activate/guardian", activation.guardian, name="activate_guardian"),
    path("me", me.show, name="me"),
    path("me/role", me.choose_role, name="choose_role"),
    path("me/password", me.change_password, name="change_password"),
    path("me/sessions/<uuid:session_id>/end", me.end_visit, name="end_visit"),
    path("me/sessions/end-others", me.end_other_visits, name="end_other_visits"),
    path("me/data", me.own_data, name="own_data"),
    path("slips", accounts.start, name="start"),
    path("classes/<uuid:class_id>/accounts", accounts.class_accounts, name="class_accounts"),
    path("classes/<uuid:class_id>/slips", accounts.class_slips, name="class_slips"),
    path("claims/<uuid:claim_id>", accounts.decide_claim, name="decide_claim"),
    path("people/<str:number>/new-code", accounts.new_code, name="new_code"),
    path("people/<str:number>/account", account_page.show, name="person_account"),
    path("people/<str:number>/account/lock", account_page.lock, name="lock_account"),
    path("people/<str:number>/account/unlock", account_page.unlock, name="unlock_account"),
    path("people/<str:number>/account/end-sessions", account_page.end_sessions, name="end_sessions"),
    path("people/<str:number>/account/invite", account_page.invite, name="invite_person"),
    path("people/<str:number>/account/slip", account_page.slip, name="person_slip"),
    path("schools/<str:code>/invitations", accounts.invite_staff, name="invite_staff"),
    path("schools/<str:code>/accounts", accounts.school_accounts, name="school_accounts"),
    path("schools/<str:code>/staff-slips", accounts.staff_slips, name="staff_slips"),
    path("schools/<str:code>/slips", accounts.order_slips, name="order_slips"),
    path("slips/<uuid:batch_id>", accounts.take_slips, name="take_slips"),
    path("roles", roles.granted, name="roles"),
    path("roles/grant", roles.grant, name="grant_role"),
    path("roles/<int:assignment_id>/end", roles.end, name="end_role"),
    path("audit", audit.trail, name="audit"),
]
