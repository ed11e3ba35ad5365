def lend(connection, book, reader):
    with connection, connection.cursor() as cursor:
        cursor.execute(f"UPDATE books SET copies = copies - 1 WHERE id = {book} AND copies > 0")
        if cursor.rowcount == 0:
            return False
        cursor.execute(f"INSERT INTO loans VALUES ({book}, '{reader}')")
        return True
