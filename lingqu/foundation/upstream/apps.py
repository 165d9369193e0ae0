from django.apps import AppConfig


class UpstreamConfig(AppConfig):
    """Sign-in from above: platforms whose accounts are known here by an external identifier."""

    name = "lingqu.foundation.upstream"
    label = "upstream"
    linkable_models: frozenset[str] = frozenset()
