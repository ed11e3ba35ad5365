from database import ask, do, run

LONG = [["War and Peace", "1225"], ["Anna Karenina", "864"], ["The Mysterious Island", "493"],
        ["Emma", "474"], ["Pride and Prejudice", "432"]]


def test_title_and_pages():
    rows = run("long-books.sql")
    assert rows, "The query shows no row at all."
    for row in rows:
        assert len(row) == 2, f"Each row should have 2 columns, title and pages, but there is one with {len(row)}: {row}"
        assert ask("SELECT count(*) FROM books WHERE title = %s", row[0]) == [(1,)], f"The first column should be a title, but it is {row[0]!r}."


def test_only_long_books():
    titles = {row[0] for row in run("long-books.sql")}
    for title, pages in ask("SELECT title, pages FROM books"):
        if pages > 400:
            assert title in titles, f"{title!r} has {pages} pages and is missing."
        else:
            assert title not in titles, f"{title!r} has {pages} pages, which is not more than 400."


def test_new_books_count_too():
    do("INSERT INTO books VALUES (99, 'A New Long Book', 1, 1850, 700)")
    try:
        titles = [row[0] for row in run("long-books.sql")]
    finally:
        do("DELETE FROM books WHERE id = 99")
    assert "A New Long Book" in titles, "A book of 700 pages was added to the table, and the query does not show it."


def test_the_longest_comes_first():
    rows = run("long-books.sql")
    assert rows[:5] == LONG, f"The first five rows should be:\n{table(LONG)}\nbut they are:\n{table(rows[:5])}"


def table(rows):
    return "\n".join("  " + " | ".join(row) for row in rows)
