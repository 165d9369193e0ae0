from django.apps import AppConfig


class QualityConfig(AppConfig):
    """Rules over the register, what they find, scores, work orders."""

    name = "lingqu.foundation.quality"
    label = "quality"
    linkable_models: frozenset[str] = frozenset()
