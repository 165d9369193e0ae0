from django.apps import AppConfig


class StatisticsConfig(AppConfig):
    """Frozen rows of a day, the tables computed from them, and the sheets that principals sign."""

    name = "lingqu.foundation.statistics"
    label = "statistics"
    linkable_models: frozenset[str] = frozenset()
