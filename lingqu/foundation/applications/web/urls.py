"""Addresses of applications."""

from __future__ import annotations

from django.urls import path

from . import acting, consent, developer, forms, icons, legacy, pages, papers, releases, shelf

app_name = "applications"
urlpatterns = [
    path("apps", shelf.shelf, name="shelf"),
    path("apps/mine", shelf.linked, name="linked"),
    path("apps/mine/<str:number>", shelf.linked_of, name="linked_of"),
    path("apps/mine/<str:number>/consents", shelf.agree, name="agree"),
    path("apps/consent", consent.answer, name="consent"),
    path("apps/consents/<int:consent_id>/end", shelf.end, name="end_consent"),
    path("apps/<str:client_id>/open", shelf.open_app, name="open"),
    path("apps/<str:client_id>/icon", icons.icon, name="icon"),
    path("applications", pages.listing, name="list"),
    path("applications/new", forms.new, name="new"),
    path("applications/adoptions/<int:adoption_id>/end", acting.end_adoption, name="end_adoption"),
    path("applications/papers/<uuid:batch_id>/scan", papers.scan, name="paper_scan"),
    path("applications/papers/<uuid:batch_id>/withdraw", papers.withdraw, name="paper_withdraw"),
    path("applications/<str:client_id>", pages.page, name="page"),
    path("applications/<str:client_id>/edit", forms.edit, name="edit"),
    path("applications/<str:client_id>/filing", forms.file, name="filing"),
    path("applications/<str:client_id>/scopes", acting.grant, name="grant_scope"),
    path("applications/<str:client_id>/scopes/<str:scope>/end", acting.end_scope, name="end_scope"),
    path("applications/<str:client_id>/secrets", acting.make_secret, name="make_secret"),
    path("applications/<str:client_id>/secrets/<int:secret_id>/revoke", acting.revoke_secret, name="revoke_secret"),
    path("applications/<str:client_id>/icon", acting.set_icon, name="set_icon"),
    path("applications/<str:client_id>/notices/<int:notice_id>/again", acting.send_again, name="send_again"),
    path("applications/<str:client_id>/submit", acting.submit, name="submit"),
    path("applications/<str:client_id>/review", acting.review, name="review"),
    path("applications/<str:client_id>/state", acting.change_state, name="change_state"),
    path("applications/<str:client_id>/adopt", forms.adopt, name="adopt"),
    path("applications/<str:client_id>/requests", pages.requests, name="requests"),
    path("applications/<str:client_id>/releases", releases.listing, name="releases"),
    path("applications/<str:client_id>/releases.xlsx", releases.workbook, name="releases_xlsx"),
    path("applications/<str:client_id>/users", legacy.board, name="legacy"),
    path("applications/<str:client_id>/users/again", legacy.again, name="legacy_again"),
    path("applications/<str:client_id>/users/<int:legacy_id>/settle", legacy.settle, name="legacy_settle"),
    path("developer", developer.home, name="developer"),
    path("developer/firm", developer.register_firm, name="register_firm"),
    path("developer/members", developer.add_member, name="add_member"),
    path("developer/sandbox", developer.prepare_sandbox, name="prepare_sandbox"),
    path("developer/sandbox/reset", developer.reset_sandbox, name="reset_sandbox"),
    path("developer/guides/data", developer.data_guide, name="data_guide"),
    path("developer/guides/<str:protocol>", developer.guide, name="guide"),
    path("classes/<uuid:class_id>/app-consents", papers.board, name="papers"),
]
