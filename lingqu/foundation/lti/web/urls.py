"""Addresses of LTI."""

from __future__ import annotations

from django.urls import path

from . import classes, launch, services, settings

app_name = "lti"
urlpatterns = [
    path("lti/enter/<str:client_id>", launch.enter, name="enter"),
    path("lti/links/<uuid:link_id>", launch.open_link, name="open"),
    path("lti/links/<uuid:link_id>/remove", classes.remove, name="remove"),
    path("lti/links/<uuid:link_id>/times", classes.times, name="times"),
    path("lti/auth", launch.auth, name="auth"),
    path("lti/deep-links", launch.deep_links, name="deep_links"),
    path("lti/jwks", services.jwks, name="jwks"),
    path("lti/token", services.token, name="token"),
    path("lti/classes/<uuid:class_id>/members", services.class_members, name="members"),
    path("lti/classes/<uuid:class_id>/items", services.items, name="items"),
    path("lti/items/<uuid:item_id>", services.item, name="item"),
    path("lti/items/<uuid:item_id>/scores", services.scores, name="scores"),
    path("lti/items/<uuid:item_id>/results", services.results, name="results"),
    path("classes/<uuid:class_id>/lti", classes.board, name="class"),
    path("classes/<uuid:class_id>/lti/choose/<str:client_id>", launch.choose, name="choose"),
    path("applications/<str:client_id>/lti", settings.edit, name="settings"),
]
