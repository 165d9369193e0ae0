from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    """Processes with clocks: definitions, cases, tasks, and the engine that moves them."""

    name = "lingqu.foundation.workflow"
    label = "workflow"
    linkable_models: frozenset[str] = frozenset({"Case", "DefinitionVersion"})
