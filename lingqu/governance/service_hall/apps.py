from django.apps import AppConfig


class ServiceHallConfig(AppConfig):
    """Services for families, schools and offices: guides, seats, county rules, papers."""

    name = "lingqu.governance.service_hall"
    label = "service_hall"
    linkable_models: frozenset[str] = frozenset()
