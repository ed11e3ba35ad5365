-- People and the computers they are signed in on.

CREATE TABLE accounts (
    id            uuid        CONSTRAINT accounts_pkey PRIMARY KEY,
    -- Lower case, so that unique means unique for people.
    email         text        NOT NULL CONSTRAINT accounts_email_key UNIQUE
                              CONSTRAINT accounts_email_is_lower CHECK (email = lower(email)),
    name          text        NOT NULL,
    role          text        NOT NULL CONSTRAINT accounts_role_is_known CHECK (role IN ('learner', 'author')),
    -- argon2id in PHC form; its parameters travel with it, so they can grow.
    password_hash text        NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE tokens (
    -- SHA-256 of the token: whoever reads this table cannot sign in with it.
    hash         bytea       CONSTRAINT tokens_pkey PRIMARY KEY
                             CONSTRAINT tokens_hash_is_sha256 CHECK (octet_length(hash) = 32),
    account_id   uuid        NOT NULL CONSTRAINT tokens_account_id_fkey REFERENCES accounts (id) ON DELETE CASCADE,
    device_name  text        NOT NULL,
    -- Ed25519 public key of the device; empty when it did not send one.
    device_key   bytea       NOT NULL CONSTRAINT tokens_device_key_is_ed25519 CHECK (octet_length(device_key) IN (0, 32)),
    created_at   timestamptz NOT NULL DEFAULT now(),
    -- Written at most every few minutes, not with every request.
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    -- Kept after revocation, so that the device gets a sentence instead of a riddle.
    revoked_at   timestamptz
);

CREATE INDEX tokens_account_id_idx ON tokens (account_id);
