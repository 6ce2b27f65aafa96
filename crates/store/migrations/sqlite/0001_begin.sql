-- Everything that lasts. Times are milliseconds since 1970-01-01 UTC; ids that we mint are ULIDs.

CREATE TABLE lane (
    name        TEXT PRIMARY KEY NOT NULL,
    pending     INTEGER NOT NULL DEFAULT 0,
    due_at      INTEGER NOT NULL DEFAULT 0,
    owner       TEXT NOT NULL DEFAULT '',
    attempts    INTEGER NOT NULL DEFAULT 0,
    cancel      INTEGER NOT NULL DEFAULT 0
) STRICT;
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
) STRICT;
CREATE TABLE identity (
    channel  TEXT NOT NULL,
    account  TEXT NOT NULL,
    username TEXT NOT NULL DEFAULT '',
    person   TEXT NOT NULL,
    PRIMARY KEY (channel, account)
) STRICT;
CREATE INDEX identity_person ON identity (person);
CREATE INDEX identity_username ON identity (username) WHERE username <> '';

CREATE TABLE conversation (
    id           TEXT PRIMARY KEY NOT NULL,
    prefs        TEXT NOT NULL DEFAULT '{}',
    fresh_after  INTEGER NOT NULL DEFAULT 0,
    summary_upto INTEGER NOT NULL DEFAULT 0,
    summary      TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE log (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation TEXT NOT NULL,
    role         TEXT NOT NULL,
    author       TEXT NOT NULL DEFAULT '',
    name         TEXT NOT NULL DEFAULT '',
    message      TEXT NOT NULL DEFAULT '',
    text         TEXT NOT NULL,
    at           INTEGER NOT NULL,
    exchange     TEXT NOT NULL DEFAULT '',
    overheard    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX log_conversation ON log (conversation, seq);
CREATE INDEX log_author ON log (author, seq) WHERE author <> '';

CREATE TABLE exchange (
    id           TEXT PRIMARY KEY NOT NULL,
    conversation TEXT NOT NULL,
    person       TEXT NOT NULL,
    asked        TEXT NOT NULL,
    at           INTEGER NOT NULL,
    answer       INTEGER NOT NULL DEFAULT 0,
    body         TEXT NOT NULL
) STRICT;
CREATE INDEX exchange_conversation ON exchange (conversation, id);
CREATE INDEX exchange_person ON exchange (person, id);

CREATE TABLE shown (
    conversation TEXT NOT NULL,
    message      TEXT NOT NULL,
    exchange     TEXT NOT NULL,
    place        INTEGER NOT NULL,
    PRIMARY KEY (conversation, message)
) STRICT;
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
) STRICT;

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
) STRICT;
CREATE INDEX usage_conversation ON usage (conversation, day);
CREATE INDEX usage_day ON usage (day);

-- One-time codes and page sessions; only hashes are stored.
CREATE TABLE code (
    kind       TEXT NOT NULL,
    hash       TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    data       TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (kind, hash)
) STRICT;
CREATE TABLE session (
    hash       TEXT PRIMARY KEY NOT NULL,
    person     TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

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
) STRICT;
