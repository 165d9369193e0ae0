from django.apps import AppConfig


class ReconciliationConfig(AppConfig):
    """人籍核对: the national file against where the children really sit."""

    name = "lingqu.foundation.reconciliation"
    label = "reconciliation"
    linkable_models: frozenset[str] = frozenset()
