-- Which books have more than 400 pages?
SELECT * FROM books;
