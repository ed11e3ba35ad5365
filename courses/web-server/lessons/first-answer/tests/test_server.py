import re

import pytest

from web import serving


@pytest.fixture(scope="module")
def site():
    with serving("server.py") as running:
        yield running


def test_the_front_page(site):
    answer = site.get("/")
    assert answer.status == 200, f"GET / should be answered with the status 200, but it is {answer.status}."


def test_it_says_that_it_is_html(site):
    kind = site.get("/").headers.get("Content-Type", "")
    assert kind.lower().replace(" ", "") == "text/html;charset=utf-8", \
        f"The header Content-Type should be 'text/html; charset=utf-8', but it is {kind!r}."


def test_it_greets(site):
    page = site.get("/").body
    heading = re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)
    assert heading, f"The page should have a heading <h1>...</h1>, but it is:\n{page[:300]}"
    assert "hello" in heading[1].lower(), f"The heading should say hello, but it says {heading[1]!r}."


def test_no_such_page(site):
    for path in ("/nothing-here", "/index", "/a/b"):
        status = site.get(path).status
        assert status == 404, f"There is no page {path}, so the status should be 404, but it is {status}."
