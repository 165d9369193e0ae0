"""Addresses of the service hall."""

from django.urls import path

from . import beyond, hall, moves, papers, rules, seats

app_name = "service_hall"
urlpatterns = [
    path("services", hall.hall, name="hall"),
    path("services/mine", hall.mine, name="mine"),
    path("services/move", moves.move, name="move"),
    path("services/key-data", moves.key_data, name="key_data"),
    path("services/begin/<str:service>", moves.begin, name="begin"),
    path("services/seats", seats.public_seats, name="public_seats"),
    path("services/papers", papers.desk, name="desk"),
    path("services/papers/new/<str:number>", papers.counter, name="counter"),
    path("services/papers/<uuid:paper_id>", papers.paper, name="paper"),
    path("services/papers/<uuid:paper_id>/pdf", papers.pdf, name="pdf"),
    path("services/papers/<uuid:paper_id>/revoke", papers.revoke, name="revoke"),
    path("services/requests/<uuid:request_id>", papers.asked, name="request"),
    path("services/requests/<uuid:request_id>/decide", papers.decide, name="decide"),
    path("services/requests/<uuid:request_id>/withdraw", papers.withdraw, name="withdraw"),
    path("services/rules/<str:code>", rules.rules, name="rules"),
    path("services/rules/<str:code>/guides/<str:service>", rules.guide, name="guide_edit"),
    path("services/rules/<str:code>/<str:kind>", rules.edit, name="rule_edit"),
    path("services/ask/<str:kind>", papers.ask, name="ask"),
    path("services/guides/<str:service>", hall.guide, name="guide"),
    path("seats", seats.board, name="seats"),
    path("seats/template", seats.template, name="seats_template"),
    path("seats/import", seats.paste, name="seats_paste"),
    path("seats/<str:code>", seats.school, name="school_seats"),
    path("transfers/beyond", beyond.board, name="beyond"),
    path("transfers/beyond/new", beyond.new, name="beyond_new"),
    path("transfers/beyond/<uuid:beyond_id>", beyond.one, name="beyond_one"),
    path("transfers/beyond/<uuid:beyond_id>/progress", beyond.progress, name="beyond_progress"),
    path("transfers/beyond/<uuid:beyond_id>/end", beyond.end, name="beyond_end"),
    path("verify/papers", papers.verify, name="verify"),
]
