"""statuses.js is printed from the tables of the domain."""

import json
import re

from beneficiate.domain.booking.lifecycle import OPEN_STATUSES
from beneficiate.views.status_constants import render_status_constants


def test_constants_are_the_tables_of_the_domain():
    printed = re.compile(r"^export const (\w+) = /\* @__PURE__ \*/ Object\.freeze\((.*?)\);$", re.M | re.S)
    constants = dict(printed.findall(render_status_constants()))
    assert set(json.loads(constants["OPEN_APPOINTMENT_STATUSES"])) == OPEN_STATUSES
    assert '  NO_SHOW: "No asistió",\n' in constants["APPOINTMENT_LABELS"]
    assert "EXPIRED" not in constants["APPOINTMENT_NEWS"]
    assert json.loads(constants["UNSETTLED_PAYMENT_STATUSES"]) == ["PENDING", "UNKNOWN", "DECLINED", "EXPIRED"]
