import threading
import time

import psycopg2
import pytest

from database import ask, connect, copies, do, readers
from lend import lend


@pytest.fixture(autouse=True)
def first_state():
    """Each test begins with the same shelf."""
    do("DELETE FROM loans")
    do("UPDATE books SET copies = CASE id WHEN 1 THEN 3 WHEN 2 THEN 1 ELSE 0 END")
    do("INSERT INTO loans VALUES (3, 'Ann')")


@pytest.fixture
def connection():
    opened = connect()
    yield opened
    opened.close()


def test_a_copy_is_lent(connection):
    answer = lend(connection, 1, "Bob")
    assert answer is True, f"There are 3 copies of Emma, so lend should return True, but it returned {answer!r}."
    assert readers(1) == ["Bob"], f"Bob's loan should be in the table loans, but the readers of Emma there are {readers(1)}. Was the change kept?"
    assert copies(1) == 2, f"2 copies of Emma should be left, but there are {copies(1)}."


def test_no_copy_left(connection):
    answer = lend(connection, 3, "Bob")
    assert answer is False, f"No copy of Frankenstein is left, so lend should return False, but it returned {answer!r}."
    assert readers(3) == ["Ann"], f"Only Ann has Frankenstein, but the readers are {readers(3)}."
    assert copies(3) == 0, f"0 copies of Frankenstein should be left, but there are {copies(3)}."


def test_half_done_is_undone(connection):
    assert lend(connection, 1, "Ann") is True
    with pytest.raises(psycopg2.IntegrityError):
        lend(connection, 1, "Ann")  # the table loans takes a reader once
    connection.rollback()
    assert copies(1) == 2, f"Ann's second loan was refused, so 2 copies should be left, but there are {copies(1)}: one has got lost."


def test_two_at_once():
    # A third connection holds the row, so that both are in the middle of it when it lets go.
    holder = connect()
    holder.cursor().execute("SELECT * FROM books WHERE id = 2 FOR UPDATE")
    answers = []

    def one(reader):
        own = connect()
        try:
            answers.append(lend(own, 2, reader))
        finally:
            own.close()

    threads = [threading.Thread(target=one, args=(reader,)) for reader in ("Ann", "Bob")]
    for thread in threads:
        thread.start()
    wait_for_both()
    holder.rollback()
    for thread in threads:
        thread.join()
    holder.close()
    assert sorted(answers) == [False, True], f"There was one copy for two readers, so one should get it, but lend returned {answers}."
    assert copies(2) == 0, f"0 copies should be left, but there are {copies(2)}."
    assert len(readers(2)) == 1, f"One reader should have the only copy, but these have: {readers(2)}."


def wait_for_both():
    """Both wait for the row, or they never will."""
    for _ in range(100):
        (waiting,) = ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")[0]
        if waiting == 2:
            return
        time.sleep(0.02)


def test_a_name_with_a_quote(connection):
    for reader in ("Sinéad O'Connor", "x'); DELETE FROM loans; --"):
        try:
            answer = lend(connection, 1, reader)
        except psycopg2.Error as mistake:
            pytest.fail(f"The reader {reader!r} is refused: {str(mistake).splitlines()[0]}. A value must never become part of the question.")
        assert answer is True
        assert reader in readers(1), f"The reader {reader!r} is not in the table loans."
