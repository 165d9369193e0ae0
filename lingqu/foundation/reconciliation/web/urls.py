"""Addresses of reconciliation."""

from django.urls import path

from . import acting, boards, tickets

app_name = "reconciliation"
urlpatterns = [
    path("reconciliation", boards.board, name="board"),
    path("reconciliation/search", boards.search, name="search"),
    path("reconciliation/cases.xlsx", boards.export, name="export"),
    path("reconciliation/standing", boards.standing, name="standing"),
    path("reconciliation/run", acting.run, name="run"),
    path("reconciliation/list", acting.upload_list, name="list"),
    path("reconciliation/cases/<int:case_id>/answer", acting.answer, name="answer"),
    path("reconciliation/cases/<int:case_id>/evidence", acting.add_evidence, name="evidence_add"),
    path("reconciliation/cases/answer", acting.answer_many, name="answer_many"),
    path("reconciliation/cases/assign", acting.assign, name="assign"),
    path("reconciliation/remind", acting.remind, name="remind"),
    path("reconciliation/evidence/<uuid:evidence_id>", acting.evidence, name="evidence"),
    path("reconciliation/tickets", tickets.tickets, name="tickets"),
    path("reconciliation/tickets/new/<str:number>", tickets.new, name="ticket_new"),
    path("reconciliation/tickets/<uuid:ticket_id>/withdraw", tickets.withdraw, name="ticket_withdraw"),
    path("reconciliation/tickets/<uuid:ticket_id>/evidence", tickets.add_evidence, name="ticket_evidence"),
]
