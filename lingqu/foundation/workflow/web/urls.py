"""Addresses of processes."""

from django.urls import path

from . import designing

app_name = "workflow"
urlpatterns = [
    path("workflow/processes", designing.processes, name="processes"),
    path("workflow/processes/new", designing.new, name="process_new"),
    path("workflow/processes/import", designing.bring, name="process_import"),
    path("workflow/processes/<uuid:version_id>", designing.process, name="process"),
    path("workflow/processes/<uuid:version_id>/whole", designing.whole, name="process_whole"),
    path("workflow/processes/<uuid:version_id>/paper", designing.paper, name="process_paper"),
    path("workflow/processes/<uuid:version_id>/steps/<str:step_id>", designing.step, name="process_step"),
    path("workflow/processes/<uuid:version_id>/fields/<str:name>", designing.field, name="process_field"),
    path("workflow/processes/<uuid:version_id>/arrange", designing.arrange, name="process_arrange"),
    path("workflow/processes/<uuid:version_id>/preview", designing.preview, name="process_preview"),
    path("workflow/processes/<uuid:version_id>/publish", designing.publish, name="process_publish"),
    path("workflow/processes/<uuid:version_id>/withdraw", designing.withdraw, name="process_withdraw"),
    path("workflow/processes/<uuid:version_id>/discard", designing.discard, name="process_discard"),
    path("workflow/processes/<uuid:version_id>/take", designing.take, name="process_take"),
    path("workflow/processes/<uuid:version_id>/file", designing.replace, name="process_replace"),
    path("workflow/processes/<uuid:version_id>/file.bpmn", designing.bpmn, name="process_bpmn"),
    path("workflow/processes/<uuid:version_id>/diagram", designing.diagram, name="process_diagram"),
]
