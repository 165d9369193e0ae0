from django.apps import AppConfig


class YearlyConfig(AppConfig):
    """What a year asks of the register: rolling it over, and drawing the new classes."""

    name = "lingqu.foundation.yearly"
    label = "yearly"
    linkable_models: frozenset[str] = frozenset()
