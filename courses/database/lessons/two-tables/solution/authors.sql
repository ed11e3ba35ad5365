-- How many books does the library have of each author?
SELECT authors.name, count(books.id)
FROM authors
LEFT JOIN books ON books.author_id = authors.id
GROUP BY authors.id
ORDER BY count(books.id) DESC, authors.name;
