"""Every page of a recovery has its template."""

from pathlib import Path

from beneficiate.views import recovery

TEMPLATES = Path(__file__).parents[2] / "templates"


def test_every_page_has_its_template():
    views = (recovery.RecoveryForm, recovery.RecoverySent, recovery.NewPasswordForm)
    assert [view.template for view in views if not (TEMPLATES / view.template).exists()] == []
