from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Accounts, sign-in, roles on the organisation tree."""

    name = "lingqu.foundation.identity"
    label = "identity"
    linkable_models = frozenset({"Account", "SsoSession"})
