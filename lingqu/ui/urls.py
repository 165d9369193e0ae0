from __future__ import annotations

from django.urls import path

from . import views

app_name = "ui"
urlpatterns = [
    path("ui/type", views.switch_type, name="type"),
    path("ui/language", views.switch_language, name="language"),
    path("ui/gallery", views.gallery, name="gallery"),
    path("ui/gallery/<slug:part>", views.gallery, name="gallery_part"),
]
