from django.apps import AppConfig


class CasConfig(AppConfig):
    """CAS 1, 2 and 3: tickets for applications that ask for them."""

    name = "lingqu.foundation.cas"
    label = "cas"
    linkable_models: frozenset[str] = frozenset()
