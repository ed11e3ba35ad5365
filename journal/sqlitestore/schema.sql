-- The journal of a device or hub. Version 1; kept in PRAGMA user_version.

-- Logs by owner: a device has one owner, sixteen zero bytes.
CREATE TABLE logs (
    owner      BLOB NOT NULL CHECK (length(owner) = 16),
    log_id     BLOB NOT NULL CHECK (length(log_id) = 16),
    -- The header of which log_id is the hash.
    device_key BLOB NOT NULL,
    learner_id BLOB NOT NULL CHECK (length(learner_id) = 16),
    -- Unsigned 64 bits, stored as the signed number with the same bits.
    epoch      INTEGER NOT NULL,
    -- The end of the log: 0 and 32 zero bytes when a fork left nothing of it.
    head_seq   INTEGER NOT NULL CHECK (head_seq >= 0),
    head_hash  BLOB NOT NULL CHECK (length(head_hash) = 32),
    CONSTRAINT logs_pk PRIMARY KEY (owner, log_id)
) STRICT, WITHOUT ROWID;

-- Segments as they were accepted: each is one signature.
CREATE TABLE segments (
    owner         BLOB NOT NULL,
    log_id        BLOB NOT NULL,
    first_seq     INTEGER NOT NULL CHECK (first_seq > 0),
    last_seq      INTEGER NOT NULL,
    -- Chain hash before first_seq.
    previous_hash BLOB NOT NULL CHECK (length(previous_hash) = 32),
    -- Over the log, last_seq and the chain hash after it.
    signature     BLOB NOT NULL,
    CONSTRAINT segments_pk PRIMARY KEY (owner, log_id, first_seq),
    CONSTRAINT segments_log_fk FOREIGN KEY (owner, log_id) REFERENCES logs (owner, log_id),
    CONSTRAINT segments_order CHECK (last_seq >= first_seq)
) STRICT, WITHOUT ROWID;

-- Entries: their authors' bytes, never marshalled again.
CREATE TABLE entries (
    owner        BLOB NOT NULL,
    log_id       BLOB NOT NULL,
    seq          INTEGER NOT NULL CHECK (seq > 0),
    header       BLOB NOT NULL,
    -- NULL when erased; payload_hash keeps the chain verifiable.
    payload      BLOB,
    payload_hash BLOB NOT NULL CHECK (length(payload_hash) = 32),
    -- Chain hash after this entry: tells a fork from a repetition.
    chain_hash   BLOB NOT NULL CHECK (length(chain_hash) = 32),
    CONSTRAINT entries_pk PRIMARY KEY (owner, log_id, seq),
    CONSTRAINT entries_log_fk FOREIGN KEY (owner, log_id) REFERENCES logs (owner, log_id)
) STRICT;

-- Epochs that follow a forked log of this device.
CREATE TABLE successors (
    owner  BLOB NOT NULL,
    log_id BLOB NOT NULL,
    epoch  INTEGER NOT NULL,
    CONSTRAINT successors_pk PRIMARY KEY (owner, log_id)
) STRICT, WITHOUT ROWID;

-- What is remembered about remotes between exchanges. Losing it costs bytes, never entries.
CREATE TABLE remotes (
    remote      TEXT NOT NULL,
    cursor      TEXT NOT NULL,
    incarnation TEXT NOT NULL,
    CONSTRAINT remotes_pk PRIMARY KEY (remote)
) STRICT, WITHOUT ROWID;

-- How far each remote, and the cloud behind it, has confirmed each log.
CREATE TABLE remote_heads (
    remote   TEXT NOT NULL,
    log_id   BLOB NOT NULL CHECK (length(log_id) = 16),
    -- 0: what the remote itself holds; 1: what has reached the cloud.
    upstream INTEGER NOT NULL CHECK (upstream IN (0, 1)),
    seq      INTEGER NOT NULL CHECK (seq > 0),
    hash     BLOB NOT NULL CHECK (length(hash) = 32),
    CONSTRAINT remote_heads_pk PRIMARY KEY (remote, log_id, upstream),
    CONSTRAINT remote_heads_remote_fk FOREIGN KEY (remote) REFERENCES remotes (remote) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
