-- Journals: segments exactly as their authors signed them, and indexes into them that could be rebuilt
-- from the segments at any time.

-- What this installation is. One row.
CREATE TABLE installations (
    singleton   boolean CONSTRAINT installations_pkey PRIMARY KEY DEFAULT true
                        CONSTRAINT installations_is_single CHECK (singleton),
    incarnation uuid    NOT NULL,
    -- Seed of the Ed25519 key that signs server-authored logs. It is here and not in a file so that
    -- every node of an installation signs as one.
    signing_key bytea   NOT NULL CONSTRAINT installations_signing_key_is_ed25519 CHECK (octet_length(signing_key) = 32)
);

CREATE TABLE logs (
    id         bytea  CONSTRAINT logs_pkey PRIMARY KEY CONSTRAINT logs_id_length CHECK (octet_length(id) = 16),
    -- The account that pushed the log first; nobody else may push it.
    account_id uuid   NOT NULL CONSTRAINT logs_account_id_fkey REFERENCES accounts (id) ON DELETE CASCADE,
    device_key bytea  NOT NULL CONSTRAINT logs_device_key_is_ed25519 CHECK (octet_length(device_key) = 32),
    learner_id uuid   NOT NULL,
    -- An unsigned number in the bits of a signed one.
    epoch      bigint NOT NULL,
    -- The head: everything up to seq is stored, and hash is the chain hash there.
    seq        bigint NOT NULL,
    hash       bytea  NOT NULL CONSTRAINT logs_hash_is_sha256 CHECK (octet_length(hash) = 32)
);

CREATE INDEX logs_account_id_idx ON logs (account_id);

CREATE TABLE segments (
    log_id         bytea   NOT NULL CONSTRAINT segments_log_id_fkey REFERENCES logs (id) ON DELETE CASCADE,
    first_seq      bigint  NOT NULL,
    last_seq       bigint  NOT NULL,
    -- Size as counted by package journal.
    size_bytes     integer NOT NULL,
    previous_hash  bytea   NOT NULL,
    signature      bytea   NOT NULL,
    -- One element per entry. An erased payload is empty; its hash keeps the chain whole.
    headers        bytea[] NOT NULL,
    payloads       bytea[] NOT NULL,
    payload_hashes bytea[] NOT NULL,
    CONSTRAINT segments_pkey PRIMARY KEY (log_id, first_seq),
    CONSTRAINT segments_are_complete CHECK (cardinality(headers) = last_seq - first_seq + 1
        AND cardinality(payloads) = cardinality(headers) AND cardinality(payload_hashes) = cardinality(headers))
);

-- Finds the segment that covers a seq, from the end, where nearly all questions are.
CREATE UNIQUE INDEX segments_log_id_last_seq_idx ON segments (log_id, last_seq);

-- Where the content of a draft revision is, by digest.
CREATE TABLE draft_blobs (
    account_id uuid   NOT NULL CONSTRAINT draft_blobs_account_id_fkey REFERENCES accounts (id) ON DELETE CASCADE,
    digest     text   NOT NULL,
    log_id     bytea  NOT NULL,
    seq        bigint NOT NULL,
    CONSTRAINT draft_blobs_pkey PRIMARY KEY (account_id, digest),
    CONSTRAINT draft_blobs_log_id_fkey FOREIGN KEY (log_id) REFERENCES logs (id) ON DELETE CASCADE
);

-- Where the start of an attempt is.
CREATE TABLE attempts (
    account_id uuid   NOT NULL CONSTRAINT attempts_account_id_fkey REFERENCES accounts (id) ON DELETE CASCADE,
    id         uuid   NOT NULL,
    log_id     bytea  NOT NULL,
    seq        bigint NOT NULL,
    CONSTRAINT attempts_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT attempts_log_id_fkey FOREIGN KEY (log_id) REFERENCES logs (id) ON DELETE CASCADE
);
