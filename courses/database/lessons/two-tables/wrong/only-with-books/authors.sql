SELECT name, count(*) FROM authors JOIN books ON author_id = authors.id GROUP BY authors.id ORDER BY 2 DESC, 1;
