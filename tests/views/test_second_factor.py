"""What the pages of second factors show."""

import pytest

from beneficiate.views.second_factor import Destination, SecondFactorState


@pytest.mark.parametrize(
    ("path", "destination"),
    [
        ("/agente", Destination("/agente", ())),
        ("/agente?chat=5&x=a%26b", Destination("/agente", (("chat", "5"), ("x", "a&b")))),
        ("/agente/citas?nueva", Destination("/agente/citas", (("nueva", ""),))),
    ],
)
def test_form_leads_to_a_path_with_its_query(path, destination):
    assert Destination.from_path(path) == destination


@pytest.mark.parametrize(("left", "is_few"), [(0, True), (3, True), (4, False), (10, False)])
def test_few_codes_are_three(left, is_few):
    assert SecondFactorState(None, left, is_required=False, is_recovered=False).has_few_codes is is_few
