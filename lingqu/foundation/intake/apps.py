from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Files in: formats, column mapping, staging, findings, reports."""

    name = "lingqu.foundation.intake"
    label = "intake"
    linkable_models: frozenset[str] = frozenset()
