"""A page with a form: redirected when it is accepted, shown again with its problem, or an error page."""

from uuid import UUID

import pytest
from tornado.web import Application

from beneficiate.errors import Conflict, InvalidForm, NotFound, RateLimited
from beneficiate.handlers.forms import FormPage
from beneficiate.handlers.notices import PushJsonPage
from beneficiate.routes import PAYMENT_ID, ROUTES, TOPIC_CODE
from tests.factories import PASSWORD, member, supervisor
from tests.http_client import CookieClient, fetch
from tests.servers import free_port

PROBLEMS = {
    "invalid": InvalidForm({"name": "Escriba un nombre."}),
    "conflict": Conflict(),
    "gone": NotFound(),
    "soon": RateLimited(7),
}


class ExampleForm(FormPage):
    """Raises the problem that its path names."""

    shown_problems = (InvalidForm, Conflict, RateLimited)

    def initialize(self):
        pass

    def set_default_headers(self):
        pass

    async def prepare(self):
        pass

    async def submit(self, *path):
        if path[0] in PROBLEMS:
            raise PROBLEMS[path[0]]
        return f"/done/{path[0]}"

    async def render_form(self, problem, *path):
        await self.finish(f"{path[0]}: {problem.sentence}")

    def write_error(self, status_code, **kwargs):
        self.finish(f"error page: {type(kwargs['exc_info'][1]).__name__}")


@pytest.fixture
def port(io_loop):
    application = Application([("/(.*)", ExampleForm)], log_function=lambda handler: None)
    chosen = free_port()
    http = application.listen(chosen, "127.0.0.1")
    yield chosen
    http.stop()
    io_loop.run_sync(http.close_all_connections)


@pytest.mark.gen_test
async def test_accepted_form_redirects(port):
    answer = await fetch(port, "/fine", "POST", "")
    assert (answer.status, answer.headers["Location"]) == (303, "/done/fine")


@pytest.mark.gen_test
async def test_shown_problem_is_answered_with_the_page(port):
    answer = await fetch(port, "/invalid", "POST", "")
    assert (answer.status, answer.text) == (200, "invalid: Revise los datos marcados.")
    assert (await fetch(port, "/conflict", "POST", "")).status == 200


@pytest.mark.gen_test
async def test_form_that_has_to_wait_says_how_long(port):
    answers = [await fetch(port, f"/{path}", "POST", "") for path in ("soon", "invalid")]
    assert [answer.headers.get("Retry-After") for answer in answers] == ["7", None]


@pytest.mark.gen_test
async def test_other_problem_is_an_error_page(port):
    assert (await fetch(port, "/gone", "POST", "")).text == "error page: NotFound"


@pytest.mark.gen_test
async def test_addresses_that_only_take_a_form_answer_get_with_405(server):
    # What scripts ask for is found only where the server has keys for pushes.
    forms = [
        route
        for route in ROUTES
        if (route.handler.__doc__ or "").startswith("`POST /")
        and "/api/" not in route.path
        and not issubclass(route.handler, PushJsonPage)
    ]
    assert len(forms) >= 10
    staff, members = CookieClient(server.port), CookieClient(server.port)
    await staff.sign_in(supervisor(), PASSWORD)
    await members.sign_in(member(), PASSWORD)
    for route in forms:
        path = (
            route.path.replace(PAYMENT_ID, str(UUID(int=1)))
            .replace(r"(\d+)", "1")
            .replace("(cita|cuenta|plan)", "cita")
            .replace(TOPIC_CODE, "pagos")
        )
        browser = staff if route.audience.admits("supervisor") else members
        answer = await browser.get(path.replace(r"(\d{4}-\d{2}-\d{2})", "2026-12-24"))
        assert (path, answer.status) == (path, 405)
