import html
import re

import pytest

from web import serving


@pytest.fixture
def site():
    # A new server for each test: the book is empty.
    with serving("server.py") as running:
        yield running


def write(site, text):
    return site.post("/", text=text)


def entries(site):
    answer = site.get("/")
    assert answer.status == 200, f"GET / should be answered with 200, but it is {answer.status}."
    return [html.unescape(item).strip() for item in re.findall(r"<li>(.*?)</li>", answer.body, re.DOTALL)]


def test_there_is_a_form(site):
    page = site.get("/").body
    form = re.search(r"<form\b[^>]*>(.*?)</form>", page, re.DOTALL | re.IGNORECASE)
    assert form, "The page has no <form>."
    assert re.search(r"method\s*=\s*[\"']?post", form[0], re.IGNORECASE), "The form should send by POST: write method=\"post\" into its tag."
    assert re.search(r"name\s*=\s*[\"']?text\b", form[1], re.IGNORECASE), "The form should have a field with the name \"text\"."


def test_an_entry_is_shown(site):
    write(site, "It was nice here.")
    found = entries(site)
    assert found == ["It was nice here."], f"The entry that was sent should be on the page, but the entries there are {found}."
    assert entries(site) == found, "When the page is opened again, the entry is gone."


def test_the_newest_comes_first(site):
    for text in ("one", "two", "three"):
        write(site, text)
    found = entries(site)
    assert found == ["three", "two", "one"], f"After one, two and three the page should show three, two, one, but it shows {', '.join(found) or 'nothing'}."


def test_back_to_the_page(site):
    answer = write(site, "hello")
    assert answer.status == 303, f"After an entry the status should be 303, so that the browser opens the page again, but it is {answer.status}."
    assert answer.headers.get("Location") == "/", f"The header Location should be '/', but it is {answer.headers.get('Location')!r}."


def test_an_empty_entry(site):
    for form in ({"text": ""}, {"text": "   "}, {"txet": "hello"}):
        status = site.post("/", **form).status
        assert status == 400, f"The form {form} has no entry, so the status should be 400, but it is {status}."
    assert entries(site) == [], "An empty entry is on the page."


def test_an_entry_is_no_html(site):
    write(site, "<b>big</b> & <i>strong</i>")
    page = site.get("/").body
    assert "<b>big" not in page, "A tag that a guest wrote has become a part of the page."
    assert entries(site) == ["<b>big</b> & <i>strong</i>"], f"The entry should be shown as it was written, but it is {entries(site)}."
