-- Everything that lasts. Times are milliseconds since 1970-01-01 UTC; ids that we mint are ULIDs.

CREATE TABLE lane (
    name        TEXT PRIMARY KEY NOT NULL,
    pending     INTEGER NOT NULL DEFAULT 0,
    due_at      INTEGER NOT NULL DEFAULT 0,
    owner       TEXT NOT NULL DEFAULT '',
    attempts    INTEGER NOT NULL DEFAULT 0,
    cancel      INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX lane_due ON lane (due_at) WHERE pending > 0;

CREATE TABLE work (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    lane       TEXT NOT NULL,
    dedupe     TEXT NOT NULL UNIQUE,
    state      TEXT NOT NULL DEFAULT 'open',
    job        TEXT NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,
    answered   INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER NOT NULL DEFAULT 0,
    reason     TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    done_at    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX work_open ON work (lane, id) WHERE state = 'open';
CREATE INDEX work_parked ON work (id) WHERE state = 'parked';
CREATE INDEX work_done ON work (done_at) WHERE state = 'done';

CREATE TABLE person (
    id      TEXT PRIMARY KEY NOT NULL,
    standing TEXT NOT NULL,
    name    TEXT NOT NULL DEFAULT '',
    lang    TEXT NOT NULL DEFAULT 'en',
    prefs   TEXT NOT NULL DEFAULT '{}',
    met_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE identity (
    channel  TEXT NOT NULL,
    account  TEXT NOT NULL,
    username TEXT NOT NULL DEFAULT '',
    person   TEXT NOT NULL,
    PRIMARY KEY (channel, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_person ON identity (person);
CREATE INDEX identity_username ON identity (username) WHERE username <> '';

CREATE TABLE conversation (
    id           TEXT PRIMARY KEY NOT NULL,
    prefs        TEXT NOT NULL DEFAULT '{}',
    fresh_after  INTEGER NOT NULL DEFAULT 0,
    summary_upto INTEGER NOT NULL DEFAULT 0,
    summary      TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

-- By conversation, so that the end of one is read from a page or two. `counter` numbers the entries.
CREATE TABLE log (
    conversation TEXT NOT NULL,
    seq          INTEGER NOT NULL,
    role         TEXT NOT NULL,
    author       TEXT NOT NULL DEFAULT '',
    name         TEXT NOT NULL DEFAULT '',
    message      TEXT NOT NULL DEFAULT '',
    text         TEXT NOT NULL,
    at           INTEGER NOT NULL,
    exchange     TEXT NOT NULL DEFAULT '',
    overheard    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE counter (
    name TEXT PRIMARY KEY NOT NULL,
    at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counter (name, at) VALUES ('log', 0);

-- Who wrote where, so that a person's words are found without reading everything.
CREATE TABLE member (
    person       TEXT NOT NULL,
    conversation TEXT NOT NULL,
    PRIMARY KEY (person, conversation)
) STRICT, WITHOUT ROWID;

CREATE TABLE exchange (
    id           TEXT PRIMARY KEY NOT NULL,
    conversation TEXT NOT NULL,
    person       TEXT NOT NULL,
    asked        TEXT NOT NULL,
    at           INTEGER NOT NULL,
    body         TEXT NOT NULL
) STRICT;

CREATE TABLE shown (
    conversation TEXT NOT NULL,
    message      TEXT NOT NULL,
    exchange     TEXT NOT NULL,
    place        INTEGER NOT NULL,
    PRIMARY KEY (conversation, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX shown_exchange ON shown (exchange, place);

CREATE TABLE feedback (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    exchange     TEXT NOT NULL DEFAULT '',
    conversation TEXT NOT NULL,
    person       TEXT NOT NULL,
    opinion      TEXT NOT NULL,
    at           INTEGER NOT NULL
) STRICT;
CREATE INDEX feedback_exchange ON feedback (exchange, id);
CREATE INDEX feedback_person ON feedback (person, id);

-- Lessons and documents, each with its state; `knowledge_change` is the list that indexes follow.
CREATE TABLE knowledge (
    id      TEXT PRIMARY KEY NOT NULL,
    kind    TEXT NOT NULL,
    scope   TEXT NOT NULL,
    teacher TEXT NOT NULL,
    retired INTEGER NOT NULL DEFAULT 0,
    at      INTEGER NOT NULL,
    body    TEXT NOT NULL
) STRICT;
CREATE INDEX knowledge_teacher ON knowledge (teacher, id);
CREATE TABLE knowledge_change (
    revision INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL
) STRICT;

CREATE TABLE release (
    id    TEXT PRIMARY KEY NOT NULL,
    parts TEXT NOT NULL,
    at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE usage (
    day               INTEGER NOT NULL,
    person            TEXT NOT NULL,
    conversation      TEXT NOT NULL,
    model             TEXT NOT NULL,
    exchanges         INTEGER NOT NULL DEFAULT 0,
    prompt_tokens     INTEGER NOT NULL DEFAULT 0,
    completion_tokens INTEGER NOT NULL DEFAULT 0,
    micro_usd         INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (person, conversation, model, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_conversation ON usage (conversation, day);
CREATE INDEX usage_day ON usage (day);

-- One-time codes and page sessions; only hashes are stored.
CREATE TABLE code (
    kind       TEXT NOT NULL,
    hash       TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    data       TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (kind, hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE session (
    hash       TEXT PRIMARY KEY NOT NULL,
    person     TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    person TEXT NOT NULL,
    what   TEXT NOT NULL,
    detail TEXT NOT NULL,
    at     INTEGER NOT NULL
) STRICT;
CREATE TABLE setting (
    name  TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
