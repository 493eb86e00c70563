"""What is said of a change of a plan before it is saved."""

from beneficiate.views.plans_admin import PlanAdminRow


def row(running, payments):
    return PlanAdminRow(1, "Familiar", "venta", "", 480_000, 365, 4, running, payments)


def test_price_says_what_keeps_its_own():
    assert row(1, 0).purchase_text.endswith("1 plan vigente y 0 pagos en curso conservan los suyos.")
    assert row(7, 1).purchase_text.endswith("7 planes vigentes y 1 pago en curso conservan los suyos.")


def test_running_plans_go_on():
    assert row(0, 0).deactivation_text == "Nadie puede comprarlo ni renovarlo."
    assert row(1, 0).deactivation_text.endswith("El plan vigente sigue hasta su fecha.")
    assert row(7, 0).deactivation_text.endswith("Los 7 planes vigentes siguen hasta su fecha.")
