"""How long browsers keep a static file."""

import pytest

from tests.http_client import fetch

CSS = "css/tokens.css"


@pytest.mark.gen_test
async def test_file_of_the_current_version_is_kept_for_a_year(server):
    version = (await fetch(server.port, "/login")).text.split("/static/")[1][:12]
    answer = await fetch(server.port, f"/static/{version}/{CSS}")
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
    assert not {"Etag", "Last-Modified"} & set(answer.headers)


@pytest.mark.parametrize("path", [CSS, f"000000000000/{CSS}"])
@pytest.mark.gen_test
async def test_file_without_the_current_version_is_revalidated(server, path):
    answer = await fetch(server.port, f"/static/{path}")
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-cache")
    again = await fetch(server.port, f"/static/{path}", If_None_Match=answer.headers["Etag"])
    assert again.status == 304
