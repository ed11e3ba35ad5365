SELECT name, count(books.id) FROM authors, books GROUP BY authors.id ORDER BY 2 DESC, 1;
