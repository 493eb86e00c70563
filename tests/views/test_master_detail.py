"""The tabs of the three lists: each has a label and says what it means to be empty."""

import pytest

from beneficiate.views.appointment_pages import APPOINTMENT_TABS
from beneficiate.views.chat_lists import CHAT_TAB_TEXTS
from beneficiate.views.payments_admin import PAYMENT_TABS


@pytest.mark.parametrize(
    "tabs", [APPOINTMENT_TABS, CHAT_TAB_TEXTS, PAYMENT_TABS], ids=["appointments", "chats", "payments"]
)
def test_each_tab_has_texts_of_its_own(tabs):
    labels = {texts.label for texts in tabs.values()}
    titles = {texts.empty.title for texts in tabs.values()}
    assert len(labels) == len(titles) == len(tabs)
    assert all(texts.empty.sentence.endswith(".") for texts in tabs.values())
