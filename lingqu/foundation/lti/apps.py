from django.apps import AppConfig


class LtiConfig(AppConfig):
    """LTI 1.3 platform: launches, resources that teachers put into classes, class lists and results for tools."""

    name = "lingqu.foundation.lti"
    label = "lti"
    linkable_models: frozenset[str] = frozenset({"LineItem", "ResourceLink"})
