"""A member's own page: consent, devices, chats."""

from datetime import UTC, datetime

import pytest

from beneficiate.domain.identity_documents import DOCUMENT_TYPES
from beneficiate.views.account import (
    BENEFICIARY_FIELDS,
    DOCUMENT_TYPE_NAMES,
    Account,
    BeneficiaryValues,
    ConsentView,
    DeviceView,
)
from beneficiate.views.data_views import DataViewList

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)
NO_VIEWS = DataViewList([], None, NOW, is_first=True)


@pytest.mark.parametrize(
    ("consent", "state"),
    [
        (None, "none"),
        (ConsentView("1", NOW, None), "given"),
        (ConsentView("0", NOW, None), "older"),
        (ConsentView("1", NOW, NOW), "withdrawn"),
    ],
)
def test_state_of_the_consent(consent, state):
    assert (
        Account(None, [], [], 0, [], [], 4, [], [], [], consent, "1", NO_VIEWS, [], None, None).consent_state == state
    )


def test_device_is_named_by_its_kind():
    assert [DeviceView(1, kind, NOW, False).name for kind in ("page", "api")] == ["Página web", "Chat o aplicación"]


def test_each_document_type_has_a_name():
    assert tuple(DOCUMENT_TYPE_NAMES) == DOCUMENT_TYPES


def test_values_of_a_new_beneficiary_are_empty():
    assert [getattr(BeneficiaryValues(), name) for name in BENEFICIARY_FIELDS] == [""] * 6
