import html
import re
from urllib.parse import quote, quote_plus

import pytest

from web import serving


@pytest.fixture(scope="module")
def site():
    with serving("server.py") as running:
        yield running


def heading(answer):
    found = re.search(r"<h1>(.*)</h1>", answer.body, re.DOTALL)
    assert found, f"The page should have a heading <h1>...</h1>, but it is:\n{answer.body[:300]}"
    return found[1]


def greets(site, name, written):
    answer = site.get("/greet?name=" + written)
    assert answer.status == 200, f"GET /greet?name={written} should be answered with 200, but it is {answer.status}."
    said = html.unescape(heading(answer))
    assert said == f"Hello, {name}!", f"For ?name={written} the heading should say 'Hello, {name}!', but it says {said!r}."


def test_it_greets_by_name(site):
    greets(site, "Ann", "Ann")
    greets(site, "Bob", "Bob")


def test_names_with_spaces_and_accents(site):
    greets(site, "Ada Lovelace", quote_plus("Ada Lovelace"))
    greets(site, "Зоя", quote("Зоя"))
    greets(site, "Tom & Jerry", quote("Tom & Jerry"))


def test_no_name(site):
    for path in ("/greet", "/greet?", "/greet?name=", "/greet?nmae=Ann"):
        status = site.get(path).status
        assert status == 400, f"GET {path} names nobody, so the status should be 400, but it is {status}."


def test_a_name_is_no_html(site):
    name = "<script>alert('hi')</script>"
    page = site.get("/greet?name=" + quote(name)).body
    assert "<script>" not in page, "A name has become a part of the page: a browser would run this script."
    greets(site, name, quote(name))
