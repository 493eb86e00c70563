"""The list behind a figure is a page of the staff."""

from beneficiate.views.pages import StaffPage
from beneficiate.views.report_lists import ReportListOverview


def test_list_has_a_page_of_its_own():
    assert issubclass(ReportListOverview, StaffPage)
    assert ReportListOverview.template == "reports/list.html"
