-- How many copies stand on the shelf, and who has one.
CREATE TABLE books (
    id     integer PRIMARY KEY,
    title  text NOT NULL,
    copies integer NOT NULL
);

CREATE TABLE loans (
    book_id integer NOT NULL REFERENCES books (id),
    reader  text NOT NULL,
    PRIMARY KEY (book_id, reader)
);

INSERT INTO books VALUES (1, 'Emma', 3), (2, 'War and Peace', 1), (3, 'Frankenstein', 0);
INSERT INTO loans VALUES (3, 'Ann');
