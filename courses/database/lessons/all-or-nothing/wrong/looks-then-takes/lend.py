def lend(connection, book, reader):
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT copies FROM books WHERE id = %s", (book,))
        if cursor.fetchone()[0] == 0:
            return False
        cursor.execute("UPDATE books SET copies = copies - 1 WHERE id = %s", (book,))
        cursor.execute("INSERT INTO loans VALUES (%s, %s)", (book, reader))
        return True
