from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "lingqu.ui"
    label = "ui"
