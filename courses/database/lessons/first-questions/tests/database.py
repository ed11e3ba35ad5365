"""What the tests of this lesson share: they run the learner's file and ask the same database."""

import os
import subprocess

import psycopg2


def connect():
    return psycopg2.connect(os.environ["DATABASE_URL"])


def ask(sql, *values):
    """Rows of a question of our own."""
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def do(sql, *values):
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(sql, values)


def run(file):
    """What psql prints for a file: its rows, one list of texts each. A mistake in it fails the test."""
    done = subprocess.run(
        ["learner", "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator=\t",
         "--set", "ON_ERROR_STOP=1", "--file", file],
        capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, f"PostgreSQL does not accept {file}:\n{done.stderr.strip()}"
    return [line.split("\t") for line in done.stdout.splitlines() if line]
