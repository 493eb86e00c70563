"""Each state of the consents has its own words and buttons."""

from datetime import UTC, datetime

import pytest

from beneficiate.views.account import ConsentView
from beneficiate.views.own_data import OwnCopy, OwnCopyState, OwnData, OwnDataOverview
from beneficiate.views.site import SiteFrame
from tests.views.rendering import render

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)
GIVEN, OLDER = ConsentView("1", NOW, None), ConsentView("0", NOW, None)
WITHDRAWN, REFUSED = ConsentView("1", NOW, NOW.replace(month=9)), ConsentView("1", NOW, NOW)


@pytest.mark.parametrize(
    ("general", "health", "keeps", "buttons"),
    [
        (None, None, True, {"give", "give-health", "withdraw-health"}),
        (GIVEN, None, False, {"withdraw", "give-health"}),
        (GIVEN, GIVEN, True, {"withdraw", "withdraw-health"}),
        (OLDER, OLDER, True, {"give", "withdraw", "give-health", "withdraw-health"}),
        (WITHDRAWN, WITHDRAWN, False, {"give", "give-health"}),
        (GIVEN, REFUSED, False, {"withdraw", "give-health"}),
    ],
)
def test_what_can_be_done_follows_from_what_was_decided(general, health, keeps, buttons):
    data = OwnData(general, health, "1", keeps, 2, OwnCopy("none"))
    html = render(OwnDataOverview(SiteFrame(None, None, is_test=False), data, None, "", ""))
    assert {
        name for name in ("give", "withdraw", "give-health", "withdraw-health") if f'id="{name}"' in html
    } == buttons
    assert ('id="health-off"' in html) is not keeps
    assert ("Borramos hoy el motivo de 2 citas" in html) is ("withdraw-health" in buttons)
    assert ("No la dio" in html) is (health is REFUSED)


@pytest.mark.parametrize(
    ("copy", "shown", "absent"),
    [
        (OwnCopy("none"), ['id="copy-ask"', "Preparar el archivo"], ['id="copy-download"']),
        (OwnCopy("pending", 7), ["Empieza en unos segundos"], ['id="copy-ask"']),
        (OwnCopy("pending", 7, 3, 40), ["3 de 40 partes", 'max="40" value="3"'], ['id="copy-ask"']),
        (
            OwnCopy("ready", 7, 40, 40, 4_200_000, NOW, NOW, "a.zip"),
            ['href="/mi/datos/copias/7"', "4,2 MB"],
            ["copy-ask"],
        ),
        (OwnCopy("expired", 7, requested_at=NOW), ["25 de agosto de 2026", "Preparar otro"], ['id="copy-download"']),
        (OwnCopy("failed", 7), ["Intentar de nuevo"], ['id="copy-download"']),
    ],
)
def test_each_state_of_the_copy_says_what_can_be_done(copy, shown, absent):
    html = render(OwnCopyState(copy, ""))
    assert [text for text in shown if text not in html] == []
    assert [text for text in absent if text in html] == []


def test_size_is_written_in_a_unit_that_fits():
    assert [OwnCopy("ready", size=size).size_text for size in (3, 14_649, 3_092_789)] == ["0,1 KB", "14,6 KB", "3,1 MB"]
