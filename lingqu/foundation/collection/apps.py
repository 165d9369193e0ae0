from django.apps import AppConfig


class CollectionConfig(AppConfig):
    """采集填报: tables that an office sends to schools, fills from the register, chases, signs, adds up and hands on."""

    name = "lingqu.foundation.collection"
    label = "collection"
    linkable_models: frozenset[str] = frozenset()
