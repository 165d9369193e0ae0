"""Addresses of collection."""

from django.urls import path

from . import boards, defining, downloads, filling, lists

app_name = "collection"
urlpatterns = [
    path("collections", lists.index, name="index"),
    path("collections/month", lists.month, name="month"),
    path("collections/new", defining.new, name="new"),
    path("collections/<uuid:collection_id>/define", defining.define, name="define"),
    path("collections/<uuid:collection_id>/mark", defining.mark, name="mark"),
    path("collections/<uuid:collection_id>/rules", defining.rules, name="rules"),
    path("collections/<uuid:collection_id>/file", defining.replace, name="replace"),
    path("collections/<uuid:collection_id>/terms", defining.terms, name="terms"),
    path("collections/<uuid:collection_id>/trial", defining.trial, name="trial"),
    path("collections/<uuid:collection_id>/publish", defining.publish, name="publish"),
    path("collections/<uuid:collection_id>/discard", defining.discard, name="discard"),
    path("collections/<uuid:collection_id>/again", defining.again, name="again"),
    path("collections/<uuid:collection_id>/original", downloads.original, name="original"),
    path("collections/<uuid:collection_id>", boards.board, name="board"),
    path("collections/<uuid:collection_id>/act", boards.act, name="act"),
    path("collections/<uuid:collection_id>/remind", boards.remind, name="remind"),
    path("collections/<uuid:collection_id>/missing", boards.printed, name="missing"),
    path("collections/<uuid:collection_id>/merged", boards.merged, name="merged"),
    path("collections/<uuid:collection_id>/export", downloads.export, name="export"),
    path("collections/<uuid:collection_id>/flat", downloads.flat, name="flat"),
    path("answers/<uuid:answer_id>", filling.fill, name="fill"),
    path("answers/<uuid:answer_id>/act", filling.act, name="answer_act"),
    path("answers/<uuid:answer_id>/upload", filling.upload, name="upload"),
    path("answers/<uuid:answer_id>/check", boards.check, name="check"),
    path("answers/<uuid:answer_id>/file", downloads.answer_file, name="answer_file"),
    path("answers/<uuid:answer_id>/versions/<int:version>", downloads.version, name="version"),
]
