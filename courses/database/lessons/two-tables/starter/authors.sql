-- How many books does the library have of each author?
SELECT name
FROM authors
ORDER BY name;
