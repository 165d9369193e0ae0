from django.apps import AppConfig


class SamlConfig(AppConfig):
    """SAML 2.0: the identity provider of the region for applications that speak it."""

    name = "lingqu.foundation.saml"
    label = "saml"
    linkable_models: frozenset[str] = frozenset()
