"""What a template is given of its dataclass."""

from dataclasses import FrozenInstanceError, dataclass
from typing import ClassVar

import pytest

from beneficiate.views.errors import ErrorPage
from beneficiate.views.pages import PageView


def test_variables_are_the_fields_with_their_values_as_they_are():
    page = ErrorPage(404, "Título", "Frase", "Ayuda")
    given = {"status": 404, "title": "Título", "sentence": "Frase", "hint": "Ayuda"}
    assert page.variables() == {**given, "again": "", "is_refused": False}


def test_nested_objects_are_not_converted():
    @dataclass(frozen=True)
    class Nested(PageView):
        template: ClassVar[str] = ""
        page: ErrorPage

    page = ErrorPage(404, "Título", "Frase", "Ayuda")
    assert Nested(page).variables()["page"] is page


def test_views_do_not_change():
    with pytest.raises(FrozenInstanceError):
        ErrorPage(404, "Título", "Frase", "Ayuda").status = 500
