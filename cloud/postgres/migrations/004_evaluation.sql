-- Checks that the cloud runs. River's own tables hold the queue; a row here and its job are always
-- written in one transaction.

CREATE TABLE checks (
    -- Made by the client; sending it again is the same check.
    id             uuid        CONSTRAINT checks_pkey PRIMARY KEY,
    -- Orders the queue.
    number         bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT checks_number_key UNIQUE,
    state          text        NOT NULL CONSTRAINT checks_state_is_known
                               CHECK (state IN ('queued', 'running', 'finished', 'cancelled')),
    account_id     uuid        NOT NULL CONSTRAINT checks_account_id_fkey REFERENCES accounts (id) ON DELETE CASCADE,
    course_id      text        NOT NULL,
    lesson_id      uuid        NOT NULL,
    lesson_version text        NOT NULL,
    -- Grows with every evaluator that takes the check; only the newest one's report is accepted.
    fence          bigint      NOT NULL DEFAULT 0,
    -- River's job; null only inside the transaction that writes both.
    job_id         bigint,
    -- As text: a learner's program may print what jsonb refuses, such as a NUL.
    report         json,
    created_at     timestamptz NOT NULL DEFAULT now(),
    started_at     timestamptz,
    finished_at    timestamptz,
    CONSTRAINT checks_finished_have_reports CHECK ((state = 'finished') = (report IS NOT NULL))
);

-- One pending check per learner and lesson; the newest wins.
CREATE UNIQUE INDEX checks_pending_idx ON checks (account_id, lesson_id) WHERE state IN ('queued', 'running');

-- Positions in the queue.
CREATE INDEX checks_queued_idx ON checks (number) WHERE state = 'queued';

-- The learner's files of a check.
CREATE TABLE check_files (
    check_id   uuid    NOT NULL CONSTRAINT check_files_check_id_fkey REFERENCES checks (id) ON DELETE CASCADE,
    path       text    NOT NULL,
    data       bytea   NOT NULL,
    executable boolean NOT NULL,
    CONSTRAINT check_files_pkey PRIMARY KEY (check_id, path)
);

-- Passes from devices that the cloud runs again.
CREATE TABLE verifications (
    account_id   uuid        NOT NULL CONSTRAINT verifications_account_id_fkey REFERENCES accounts (id) ON DELETE CASCADE,
    attempt_id   uuid        NOT NULL,
    state        text        NOT NULL CONSTRAINT verifications_state_is_known
                             CHECK (state IN ('queued', 'agreed', 'disagreed', 'impossible')),
    -- Where the device's report is: the attempt.finished entry.
    log_id       bytea       NOT NULL CONSTRAINT verifications_log_id_fkey REFERENCES logs (id) ON DELETE CASCADE,
    seq          bigint      NOT NULL,
    -- The cloud's report, once there is one.
    report       json,
    -- Why it is impossible: a sentence for the operator.
    reason       text        NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    finished_at  timestamptz,
    -- An attempt may arrive twice, by two ways; it is verified once.
    CONSTRAINT verifications_pkey PRIMARY KEY (account_id, attempt_id)
);
