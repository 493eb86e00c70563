"""The supervisors' board, the lists behind its figures, and their definitions."""

import pytest

from beneficiate.domain.metrics.definitions import METRICS
from tests.factories import PASSWORD, agent, supervisor
from tests.http_client import CookieClient

DEFINITIONS = "/supervisor/definiciones"


@pytest.mark.gen_test
async def test_every_metric_is_defined_on_the_page(server):
    browser = CookieClient(server.port)
    await browser.sign_in(supervisor(), PASSWORD)
    page = (await browser.get(DEFINITIONS)).text
    for metric in METRICS.values():
        assert f'<tr id="{metric.code}">' in page
        assert metric.question in page


@pytest.mark.gen_test
async def test_pages_are_for_supervisors_only(server):
    browser = CookieClient(server.port)
    await browser.sign_in(agent(), PASSWORD)
    assert (await browser.get(DEFINITIONS)).status == 403
