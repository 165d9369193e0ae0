from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "lingqu.portal"
    label = "portal"
