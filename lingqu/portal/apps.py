from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The front door, a home page for every role, the search over everything, the operator's view of the platform."""

    name = "lingqu.portal"
    label = "portal"
    linkable_models: frozenset[str] = frozenset()
