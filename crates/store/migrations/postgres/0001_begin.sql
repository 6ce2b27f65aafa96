-- Everything that lasts. Times are milliseconds since 1970-01-01 UTC; ids that we mint are ULIDs.

CREATE TABLE lane (
    name        TEXT PRIMARY KEY NOT NULL,
    pending     BIGINT NOT NULL DEFAULT 0,
    due_at      BIGINT NOT NULL DEFAULT 0,
    owner       TEXT NOT NULL DEFAULT '',
    attempts    BIGINT NOT NULL DEFAULT 0,
    cancel      BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX lane_due ON lane (due_at) WHERE pending > 0;

CREATE TABLE work (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lane       TEXT NOT NULL,
    dedupe     TEXT NOT NULL UNIQUE,
    state      TEXT NOT NULL DEFAULT 'open',
    job        TEXT NOT NULL,
    attempts   BIGINT NOT NULL DEFAULT 0,
    answered   BIGINT NOT NULL DEFAULT 0,
    not_before BIGINT NOT NULL DEFAULT 0,
    reason     TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    done_at    BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX work_open ON work (lane, id) WHERE state = 'open';
CREATE INDEX work_parked ON work (id) WHERE state = 'parked';
CREATE INDEX work_done ON work (done_at) WHERE state = 'done';

CREATE TABLE person (
    id      TEXT PRIMARY KEY NOT NULL,
    standing TEXT NOT NULL,
    name    TEXT NOT NULL DEFAULT '',
    lang    TEXT NOT NULL DEFAULT 'en',
    prefs   TEXT NOT NULL DEFAULT '{}',
    met_at  BIGINT NOT NULL
);
CREATE TABLE identity (
    channel  TEXT NOT NULL,
    account  TEXT NOT NULL,
    username TEXT NOT NULL DEFAULT '',
    person   TEXT NOT NULL,
    PRIMARY KEY (channel, account)
);
CREATE INDEX identity_person ON identity (person);
CREATE INDEX identity_username ON identity (username) WHERE username <> '';

CREATE TABLE conversation (
    id           TEXT PRIMARY KEY NOT NULL,
    prefs        TEXT NOT NULL DEFAULT '{}',
    fresh_after  BIGINT NOT NULL DEFAULT 0,
    summary_upto BIGINT NOT NULL DEFAULT 0,
    summary      TEXT NOT NULL DEFAULT ''
);

CREATE TABLE log (
    seq          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation TEXT NOT NULL,
    role         TEXT NOT NULL,
    author       TEXT NOT NULL DEFAULT '',
    name         TEXT NOT NULL DEFAULT '',
    message      TEXT NOT NULL DEFAULT '',
    text         TEXT NOT NULL,
    at           BIGINT NOT NULL,
    exchange     TEXT NOT NULL DEFAULT '',
    overheard    BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX log_conversation ON log (conversation, seq);
CREATE INDEX log_author ON log (author, seq) WHERE author <> '';

CREATE TABLE exchange (
    id           TEXT PRIMARY KEY NOT NULL,
    conversation TEXT NOT NULL,
    person       TEXT NOT NULL,
    asked        TEXT NOT NULL,
    at           BIGINT NOT NULL,
    answer       BIGINT NOT NULL DEFAULT 0,
    body         TEXT NOT NULL
);
CREATE INDEX exchange_conversation ON exchange (conversation, id);
CREATE INDEX exchange_person ON exchange (person, id);

CREATE TABLE shown (
    conversation TEXT NOT NULL,
    message      TEXT NOT NULL,
    exchange     TEXT NOT NULL,
    place        BIGINT NOT NULL,
    PRIMARY KEY (conversation, message)
);
CREATE INDEX shown_exchange ON shown (exchange, place);

CREATE TABLE feedback (
    id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    exchange     TEXT NOT NULL DEFAULT '',
    conversation TEXT NOT NULL,
    person       TEXT NOT NULL,
    opinion      TEXT NOT NULL,
    at           BIGINT NOT NULL
);
CREATE INDEX feedback_exchange ON feedback (exchange, id);
CREATE INDEX feedback_person ON feedback (person, id);

-- Lessons and documents, each with its state; `knowledge_change` is the list that indexes follow.
CREATE TABLE knowledge (
    id      TEXT PRIMARY KEY NOT NULL,
    kind    TEXT NOT NULL,
    scope   TEXT NOT NULL,
    teacher TEXT NOT NULL,
    retired BIGINT NOT NULL DEFAULT 0,
    at      BIGINT NOT NULL,
    body    TEXT NOT NULL
);
CREATE INDEX knowledge_teacher ON knowledge (teacher, id);
CREATE TABLE knowledge_change (
    revision BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id       TEXT NOT NULL
);

CREATE TABLE release (
    id    TEXT PRIMARY KEY NOT NULL,
    parts TEXT NOT NULL,
    at    BIGINT NOT NULL
);

CREATE TABLE usage (
    day               BIGINT NOT NULL,
    person            TEXT NOT NULL,
    conversation      TEXT NOT NULL,
    model             TEXT NOT NULL,
    exchanges         BIGINT NOT NULL DEFAULT 0,
    prompt_tokens     BIGINT NOT NULL DEFAULT 0,
    completion_tokens BIGINT NOT NULL DEFAULT 0,
    micro_usd         BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (person, conversation, model, day)
);
CREATE INDEX usage_conversation ON usage (conversation, day);
CREATE INDEX usage_day ON usage (day);

-- One-time codes and page sessions; only hashes are stored.
CREATE TABLE code (
    kind       TEXT NOT NULL,
    hash       TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    data       TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (kind, hash)
);
CREATE TABLE session (
    hash       TEXT PRIMARY KEY NOT NULL,
    person     TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE audit (
    id     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person TEXT NOT NULL,
    what   TEXT NOT NULL,
    detail TEXT NOT NULL,
    at     BIGINT NOT NULL
);
CREATE TABLE setting (
    name  TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);
