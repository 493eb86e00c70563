"""Every template has a frozen dataclass with exactly the variables that it asks for."""

import dataclasses
import importlib
import pkgutil
import re

import jinja2
import pytest

from beneficiate import views
from beneficiate.handlers import templating
from beneficiate.views.pages import EmailView, PageView
from tests.template_variables import TemplateVariables

REQUEST_VARIABLES = {"static_url", "preloads", "xsrf_token"}
"""What the handler adds to every page."""

for name in (
    "beneficiate.sandbox.pages",
    *(one.name for one in pkgutil.iter_modules(views.__path__, "beneficiate.views.")),
):
    importlib.import_module(name)


def subclasses(base):
    return [one for child in base.__subclasses__() for one in (child, *subclasses(child))]


VIEWS = [
    (template, view)
    for view in subclasses(PageView)
    for template in (view.template, getattr(view, "text_template", ""))
    if template
]
VARIABLES = TemplateVariables(templating.create_environment())


@pytest.mark.parametrize(("template", "view"), VIEWS, ids=[template for template, _ in VIEWS])
def test_view_has_exactly_what_its_template_asks_for(template, view):
    given, required = {field.name for field in dataclasses.fields(view)}, VARIABLES.required(template)
    assert {(file, name) for file, name in required if name not in given | REQUEST_VARIABLES} == set()
    # One e-mail has two templates; either may leave something to the other.
    unused = set() if issubclass(view, EmailView) else given - {name for _, name in required}
    assert unused == set()


def test_every_template_has_one_view_or_is_part_of_one():
    templates = [template for template, _ in VIEWS]
    assert sorted(templates) == sorted(set(templates))
    covered = {name for template in templates for name in VARIABLES.files(template)}
    present = set(VARIABLES.environment.list_templates())
    assert present - covered == set()


@pytest.mark.parametrize(
    ("page", "required"),
    [
        ("{{ x }}", {("page", "x")}),
        ("{% set x = 1 %}{{ x }}", set()),
        ("{% include 'part' %}", {("part", "row"), ("part", "title")}),
        ("{% for row in rows %}{% include 'part' %}{% endfor %}", {("page", "rows"), ("part", "title")}),
        ("{% with row = 1 %}{% include 'part' %}{% endwith %}{{ row }}", {("page", "row"), ("part", "title")}),
        ("{% set row, title = x %}{% include 'part' %}", {("page", "x")}),
        ("{% macro draw(row) %}{% include 'part' %}{% endmacro %}", {("part", "title")}),
        ("{% extends 'frame' %}{% block body %}{{ x }}{% endblock %}", {("page", "x"), ("frame", "title")}),
        ("{% extends 'frame' %}{% set title = 1 %}", set()),
        ("{% set title = 1 %}{% from 'macros' import head %}{{ head() }}", {("macros", "title")}),
        ("{% set title = 1 %}{% from 'macros' import head with context %}{{ head() }}", set()),
    ],
)
def test_required_variables_follow_the_scopes_of_jinja(page, required):
    files = {"page": page, "part": "{{ row }}{{ title }}", "frame": "{{ title }}{% block body %}{% endblock %}"}
    files["macros"] = "{% macro head() %}{{ title }}{% endmacro %}"
    assert (
        TemplateVariables(jinja2.Environment(autoescape=True, loader=jinja2.DictLoader(files))).required("page")
        == required
    )


def test_templates_import_what_they_use_themselves():
    """Not what they include uses, nor what another template that extends theirs does: each says what it needs."""
    unused = {name: VARIABLES.unused_imports(name) for name in VARIABLES.environment.list_templates()}
    assert {name: sorted(names) for name, names in unused.items() if names} == {}


def test_import_that_only_an_included_template_uses_is_unused():
    page = "{% from 'macros' import head, foot as end, row %}{% import 'macros' as m %}{{ head() }}{% include 'part' %}"
    files = {"page": page, "part": "{{ row() }}", "macros": ""}
    variables = TemplateVariables(jinja2.Environment(autoescape=True, loader=jinja2.DictLoader(files)))
    assert variables.unused_imports("page") == {"end", "row", "m"}


MAX_LINE_CHARS = 160


def test_lines_of_templates_can_be_read_in_a_comparison():
    """A line of 500 characters cannot. The path of a drawing is data, and the text that people agreed to stays."""
    too_long = [
        f"{path.relative_to(templating.TEMPLATES_DIR)}:{number}"
        for path in sorted(templating.TEMPLATES_DIR.rglob("*.html"))
        if not path.name.startswith("consent_")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > MAX_LINE_CHARS and not line.strip().startswith('d="')
    ]
    assert too_long == []


FOCUSED_OTHERWISE = {
    "registration/form.html": "the summary of what is wrong has the focus",
    "sandbox/_fields.html": "an alert is above the form",
    "sandbox/checkout.html": "an alert is above the form",
    "board/board.html": "a filter at the top",
    "data_requests/list.html": "filters at the top",
}
"""Templates whose wrong field is in sight anyway."""


def test_field_that_is_wrong_gets_the_focus():
    """A page with an error begins at its top: a form further down would seem to have done nothing."""
    tags = re.compile(r"[^<]*aria-invalid=\"true\"[^<]*")
    lacking = {
        name
        for name in VARIABLES.environment.list_templates()
        for tag in tags.findall((templating.TEMPLATES_DIR / name).read_text(encoding="utf-8"))
        if "autofocus" not in tag
    }
    assert lacking == set(FOCUSED_OTHERWISE)


ALERTS_WITHOUT_FOCUS = {
    "_master_detail.html": "it is drawn in place of what was opened",
    "_wait_bar.html": "the field below has the focus",
    "audit_log/audit_log.html": "filters at the top",
    "data_requests/list.html": "filters at the top",
    "login/login.html": "a field below has the focus",
    "payments_admin/_detail.html": "it is drawn in place of the form",
    "registration/form.html": "its script moves the focus there",
    "sandbox/checkout.html": "an alert is above the form",
}
"""Templates whose alert is in sight anyway. One that is hidden at first is shown by a script."""


def test_alert_about_a_form_as_a_whole_gets_the_focus():
    """A screen reader says no alert that a page begins with, and it may be above or below what is in sight."""
    tags = re.compile(r"<(?:p|div)\b[^<]*role=\"alert\"[^<]*")
    lacking = {
        name
        for name in VARIABLES.environment.list_templates()
        for tag in tags.findall((templating.TEMPLATES_DIR / name).read_text(encoding="utf-8"))
        if not any(word in tag for word in ("autofocus", " hidden", "field-error"))
    }
    assert lacking == set(ALERTS_WITHOUT_FOCUS)
