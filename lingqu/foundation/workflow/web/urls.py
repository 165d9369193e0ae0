"""Addresses of processes."""

from django.urls import path

from . import cases, designing, papers, several, starting, tasks

app_name = "workflow"
urlpatterns = [
    path("workflow/tasks", tasks.worklist_page, name="tasks"),
    path("workflow/tasks/several", several.several, name="several"),
    path("workflow/tasks/done", tasks.done, name="done"),
    path("workflow/tasks/<uuid:task_id>", tasks.task, name="task"),
    path("workflow/tasks/<uuid:task_id>/claim", tasks.claim, name="claim"),
    path("workflow/tasks/<uuid:task_id>/return", tasks.send_back, name="send_back"),
    path("workflow/tasks/<uuid:task_id>/pass-on", tasks.pass_on, name="pass_on"),
    path("workflow/tasks/<uuid:task_id>/take-back", tasks.take_back, name="take_back"),
    path("workflow/start", starting.choose, name="start"),
    path("workflow/start/<str:key>", starting.apply, name="apply"),
    path("workflow/counter/<str:key>", starting.counter, name="counter"),
    path("workflow/cases", cases.all_cases, name="cases"),
    path("workflow/cases/mine", cases.mine, name="mine"),
    path("workflow/cases/stuck", cases.stuck, name="stuck"),
    path("workflow/cases/figures", cases.statistics, name="figures"),
    path("workflow/cases/<uuid:case_id>", cases.case, name="case"),
    path("workflow/cases/<uuid:case_id>/comment", cases.comment, name="comment"),
    path("workflow/cases/<uuid:case_id>/cancel", cases.cancel, name="cancel"),
    path("workflow/cases/<uuid:case_id>/steer", cases.steer, name="steer"),
    path("workflow/cases/<uuid:case_id>/paper.pdf", papers.paper, name="paper"),
    path("workflow/files/<uuid:file_id>", cases.file, name="file"),
    path("verify/cases", papers.verify, name="verify"),
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
