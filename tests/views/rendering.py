"""Views rendered with their templates, as handlers do."""

from functools import cache

from beneficiate.handlers.templating import create_environment


@cache
def environment():
    return create_environment()


def render(view):
    """Return the HTML of a view, without indentation and line ends."""
    html = (
        environment()
        .get_template(view.template)
        .render(static_url=str, preloads=list, xsrf_token="xsrf", **view.variables())
    )
    return " ".join(html.split())
