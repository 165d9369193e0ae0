from django.apps import AppConfig


class OidcConfig(AppConfig):
    """OpenID Connect provider over the SSO session: clients, codes, tokens, keys, logout."""

    name = "lingqu.foundation.oidc"
    label = "oidc"
    linkable_models: frozenset[str] = frozenset()
