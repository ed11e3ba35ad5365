import os

import psycopg2


def lend(connection, book, reader):
    """Lend a copy of a book to a reader. Return True when that was done, False when no copy is left."""
    return False


if __name__ == "__main__":
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    print("War and Peace for Ann:", lend(connection, 2, "Ann"))
    print("War and Peace for Bob:", lend(connection, 2, "Bob"))
