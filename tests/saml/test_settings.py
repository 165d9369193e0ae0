"""The page on which an application's metadata is registered."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lingqu.foundation.applications.testing import make_application
from lingqu.foundation.identity import testing
from lingqu.foundation.saml.models import Provider
from lingqu.foundation.saml.types import PERSISTENT

from . import makers

TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"


@pytest.mark.parametrize(("format_", "is_warned"), [("", False), (TRANSIENT, True), (f" {PERSISTENT}\n", False)])
def test_who_asks_for_passing_ids_is_told_at_once(db: Any, format_: str, is_warned: bool) -> None:
    app, browser = make_application(), testing.browser(testing.duty_account("county_admin"))
    line = f"<md:NameIDFormat>{format_}</md:NameIDFormat>" if format_ else ""
    text = makers.metadata().replace(
        b"<md:AssertionConsumerService", line.encode() + b"<md:AssertionConsumerService", 1
    )
    uploaded = {"metadata": SimpleUploadedFile("sp.xml", text)}
    page = browser.post(f"/applications/{app.client_id}/saml", uploaded, follow=True).content.decode()
    assert "SAML 设置已保存" in page
    assert ("NameIDFormat" in page) == is_warned
    assert Provider.objects.get().entity_id == makers.ENTITY
