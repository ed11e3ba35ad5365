-- A small library: who wrote what, and who has borrowed it.
CREATE TABLE authors (
    id      integer PRIMARY KEY,
    name    text NOT NULL,
    country text NOT NULL
);

CREATE TABLE books (
    id        integer PRIMARY KEY,
    title     text NOT NULL,
    author_id integer NOT NULL REFERENCES authors (id),
    published integer NOT NULL,
    pages     integer NOT NULL
);

INSERT INTO authors VALUES
    (1, 'Jane Austen', 'England'),
    (2, 'Anton Chekhov', 'Russia'),
    (3, 'Jules Verne', 'France'),
    (4, 'Mary Shelley', 'England'),
    (5, 'Leo Tolstoy', 'Russia'),
    (6, 'Emily Dickinson', 'United States');

INSERT INTO books VALUES
    (1, 'Pride and Prejudice', 1, 1813, 432),
    (2, 'Emma', 1, 1815, 474),
    (3, 'The Seagull', 2, 1896, 64),
    (4, 'The Cherry Orchard', 2, 1904, 96),
    (5, 'Around the World in Eighty Days', 3, 1873, 252),
    (6, 'Twenty Thousand Leagues Under the Seas', 3, 1870, 394),
    (7, 'Frankenstein', 4, 1818, 280),
    (8, 'War and Peace', 5, 1869, 1225),
    (9, 'Anna Karenina', 5, 1878, 864),
    (10, 'The Mysterious Island', 3, 1875, 493);
