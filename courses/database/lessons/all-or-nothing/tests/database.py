"""What the tests of this lesson share."""

import os

import psycopg2


def connect():
    return psycopg2.connect(os.environ["DATABASE_URL"], options="-c lock_timeout=5s")


def ask(sql, *values):
    """Rows of a question of our own."""
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def do(sql, *values):
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(sql, values)


def copies(book):
    return ask("SELECT copies FROM books WHERE id = %s", book)[0][0]


def readers(book):
    return sorted(reader for (reader,) in ask("SELECT reader FROM loans WHERE book_id = %s", book))
