SELECT name, count(books.id) FROM authors LEFT JOIN books ON author_id = authors.id GROUP BY authors.id ORDER BY 2 DESC, 1 DESC;
