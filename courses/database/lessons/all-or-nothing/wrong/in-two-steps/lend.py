def lend(connection, book, reader):
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE books SET copies = copies - 1 WHERE id = %s AND copies > 0", (book,))
        if cursor.rowcount == 0:
            return False
    with connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO loans VALUES (%s, %s)", (book, reader))
        return True
