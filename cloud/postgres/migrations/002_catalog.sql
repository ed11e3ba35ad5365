-- Published courses. What a course contains is in its bundle, in the object store; these tables only
-- find it.

CREATE TABLE course_versions (
    -- Digest of the bundle's manifest.
    digest       text        CONSTRAINT course_versions_pkey PRIMARY KEY,
    course_id    text        NOT NULL,
    -- Counts from 1 within a course, in the order of first publication.
    number       integer     NOT NULL,
    -- What a list shows, as JSON: read whole, never searched.
    summary      json        NOT NULL,
    -- Null when it was published by the server itself.
    published_by uuid        CONSTRAINT course_versions_published_by_fkey REFERENCES accounts (id) ON DELETE SET NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT course_versions_course_id_number_key UNIQUE (course_id, number)
);

CREATE TABLE courses (
    id            text    CONSTRAINT courses_pkey PRIMARY KEY,
    newest_digest text    NOT NULL CONSTRAINT courses_newest_digest_fkey REFERENCES course_versions (digest),
    -- The title lists are ordered by.
    title         text    NOT NULL,
    -- Whether lists show it; others are reached by whoever knows the digest.
    is_public     boolean NOT NULL,
    -- Who made this version the newest; null for the server itself.
    chosen_by     uuid    CONSTRAINT courses_chosen_by_fkey REFERENCES accounts (id) ON DELETE SET NULL
);

CREATE INDEX courses_title_id_idx ON courses (title, id) WHERE is_public;

-- Every version of a lesson that was ever published: results of old versions stay checkable.
CREATE TABLE lesson_versions (
    lesson_id     uuid NOT NULL,
    version       text NOT NULL,
    -- The first bundle that held it. A version is a digest of the content, so any bundle would do.
    bundle_digest text NOT NULL CONSTRAINT lesson_versions_bundle_digest_fkey REFERENCES course_versions (digest),
    CONSTRAINT lesson_versions_pkey PRIMARY KEY (lesson_id, version)
);
