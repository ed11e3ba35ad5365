SELECT title, pages FROM books WHERE title IN ('War and Peace', 'Anna Karenina', 'The Mysterious Island', 'Emma', 'Pride and Prejudice') ORDER BY pages DESC;
