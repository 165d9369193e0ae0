from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """The learning record store: xAPI statements and documents of every application."""

    name = "lingqu.learning.records"
    label = "records"
    linkable_models: frozenset[str] = frozenset()
