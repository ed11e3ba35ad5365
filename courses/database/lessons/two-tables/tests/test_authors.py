from database import do, run

COUNTS = {"Jules Verne": 3, "Anton Chekhov": 2, "Jane Austen": 2, "Leo Tolstoy": 2, "Mary Shelley": 1}


def answer():
    rows = run("authors.sql")
    for row in rows:
        assert len(row) == 2, f"Each row should have 2 columns, a name and a number, but there is one with {len(row)}: {row}"
        assert row[1].isdigit(), f"The second column should be a number, but beside {row[0]!r} stands {row[1]!r}."
    return [(name, int(number)) for name, number in rows]


def test_names_and_numbers():
    found = dict(answer())
    for name, number in COUNTS.items():
        assert name in found, f"{name} is missing."
        assert found[name] == number, f"The library has {number} of {name}, but the query says {found[name]}."


def test_another_book():
    do("INSERT INTO books VALUES (99, 'The Last Man', 4, 1826, 480)")
    try:
        found = dict(answer())
    finally:
        do("DELETE FROM books WHERE id = 99")
    assert found.get("Mary Shelley") == 2, f"A second book of Mary Shelley was added, and the query says {found.get('Mary Shelley')}."


def test_no_book_is_zero():
    found = dict(answer())
    assert "Emily Dickinson" in found, "Emily Dickinson is missing. The library has no book of hers, and that is an answer, too."
    assert found["Emily Dickinson"] == 0, f"The library has no book of Emily Dickinson, but the query says {found['Emily Dickinson']}."


def test_order():
    names = [name for name, _ in answer() if name in COUNTS]
    expected = sorted(COUNTS, key=lambda name: (-COUNTS[name], name))
    assert names == expected, f"The order should be {', '.join(expected)}, but it is {', '.join(names)}."
