-- The database, explained. This is SQLite's form; PostgreSQL has the same tables and columns
-- (crates/store/migrations/postgres). A test compares this text with the real schema.
--
-- Times are milliseconds since 1970-01-01 UTC. Ids that we mint are ULIDs; ids of platforms are kept
-- as the platform's text. A conversation is `channel:chat` or `channel:chat:topic`. No column is
-- ever NULL: an empty text or 0 says "none". JSON texts are read with defaults for fields that they lack.

-- Lanes: the items of one lane are handled in order, by one process at a time. The row is what a
-- process locks, and it counts, so that no wake-up is lost.
CREATE TABLE lane (
    name        TEXT PRIMARY KEY NOT NULL,        -- the conversation; with `!` what must not wait, with `~` its summaries
    pending     INTEGER NOT NULL DEFAULT 0,       -- open items
    due_at      INTEGER NOT NULL DEFAULT 0,       -- free: when its first item is due; held: when the lease ends
    owner       TEXT NOT NULL DEFAULT '',         -- the process that holds it, '' for nobody
    attempts    INTEGER NOT NULL DEFAULT 0,       -- attempts of its first item that were begun
    cancel      INTEGER NOT NULL DEFAULT 0        -- 1: the running answer is to end
) STRICT, WITHOUT ROWID;
CREATE INDEX lane_due ON lane (due_at) WHERE pending > 0;

-- Work items: what a person did, then the delivery that it became. An ended item keeps its key for
-- seven days, so that a repeated update stays one.
CREATE TABLE work (
    id         INTEGER PRIMARY KEY AUTOINCREMENT, -- ascending in order of acceptance
    lane       TEXT NOT NULL,                     -- its lane
    dedupe     TEXT NOT NULL UNIQUE,              -- makes the same update one item
    state      TEXT NOT NULL DEFAULT 'open',      -- open, parked (with a reason) or done
    job        TEXT NOT NULL,                     -- what is to be done, JSON; '' when done
    attempts   INTEGER NOT NULL DEFAULT 0,        -- attempts when it was last put off or parked
    answered   INTEGER NOT NULL DEFAULT 0,        -- 1: it has become its delivery
    not_before INTEGER NOT NULL DEFAULT 0,        -- not before this moment
    reason     TEXT NOT NULL DEFAULT '',          -- why it was put off or parked, for people
    created_at INTEGER NOT NULL,                  -- when it was accepted
    done_at    INTEGER NOT NULL DEFAULT 0         -- when it ended
) STRICT;
CREATE INDEX work_open ON work (lane, id) WHERE state = 'open';
CREATE INDEX work_parked ON work (id) WHERE state = 'parked';
CREATE INDEX work_done ON work (done_at) WHERE state = 'done';

-- People, one each across platforms.
CREATE TABLE person (
    id      TEXT PRIMARY KEY NOT NULL,            -- ULID
    standing TEXT NOT NULL,                       -- owner, trainer, user, stranger or blocked
    name    TEXT NOT NULL DEFAULT '',             -- display name, last seen
    lang    TEXT NOT NULL DEFAULT 'en',           -- en or ru
    prefs   TEXT NOT NULL DEFAULT '{}',           -- what they have set, JSON
    met_at  INTEGER NOT NULL                      -- when they first came
) STRICT, WITHOUT ROWID;

-- Accounts on platforms, and whose they are.
CREATE TABLE identity (
    channel  TEXT NOT NULL,                       -- telegram, discord or web
    account  TEXT NOT NULL,                       -- the platform's id
    username TEXT NOT NULL DEFAULT '',            -- without the sign, in lower case
    person   TEXT NOT NULL,                       -- the person
    PRIMARY KEY (channel, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_person ON identity (person);
CREATE INDEX identity_username ON identity (username) WHERE username <> '';

-- Conversations that have settings, a fresh start or a summary.
CREATE TABLE conversation (
    id           TEXT PRIMARY KEY NOT NULL,       -- channel:chat or channel:chat:topic
    prefs        TEXT NOT NULL DEFAULT '{}',      -- what is set, JSON
    fresh_after  INTEGER NOT NULL DEFAULT 0,      -- the context begins after this log entry
    summary_upto INTEGER NOT NULL DEFAULT 0,      -- the last log entry that the summary covers
    summary      TEXT NOT NULL DEFAULT ''         -- what a model is told of what is older
) STRICT, WITHOUT ROWID;

-- Everything that was said, for ever. Clustered by conversation, so that the end of one is read
-- from a page or two, however long it is and however many there are.
CREATE TABLE log (
    conversation TEXT NOT NULL,                   -- where
    seq          INTEGER NOT NULL,                -- ascending in the whole database
    role         TEXT NOT NULL,                   -- user, assistant or system
    author       TEXT NOT NULL DEFAULT '',        -- the person, '' for the bot
    name         TEXT NOT NULL DEFAULT '',        -- their name at that time
    message      TEXT NOT NULL DEFAULT '',        -- the platform's id of a person's message
    text         TEXT NOT NULL,                   -- what was said; '' once its author is forgotten
    at           INTEGER NOT NULL,                -- when
    exchange     TEXT NOT NULL DEFAULT '',        -- the exchange it belongs to
    overheard    INTEGER NOT NULL DEFAULT 0,      -- 1: said in a group, not to the bot
    PRIMARY KEY (conversation, seq)
) STRICT, WITHOUT ROWID;

-- Numbers the log. (Only in SQLite; PostgreSQL has sequences.)
CREATE TABLE counter (
    name TEXT PRIMARY KEY NOT NULL,               -- log
    at   INTEGER NOT NULL                         -- the last number given
) STRICT, WITHOUT ROWID;

-- Who wrote where, so that a person's words are found without reading everything.
CREATE TABLE member (
    person       TEXT NOT NULL,                   -- who
    conversation TEXT NOT NULL,                   -- where
    PRIMARY KEY (person, conversation)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_conversation ON member (conversation);

-- Exchanges: a question, the exact request by reference, the answer, what answered and what it cost.
CREATE TABLE exchange (
    id           TEXT PRIMARY KEY NOT NULL,       -- ULID
    conversation TEXT NOT NULL,                   -- where
    person       TEXT NOT NULL,                   -- who asked
    asked        TEXT NOT NULL,                   -- the person's message
    at           INTEGER NOT NULL,                -- when it was answered
    body         TEXT NOT NULL                    -- all of it, JSON
) STRICT;

-- Which message shows which answer; a message that is edited shows the later one.
CREATE TABLE shown (
    conversation TEXT NOT NULL,                   -- where; message ids are unique only there
    message      TEXT NOT NULL,                   -- the platform's id
    exchange     TEXT NOT NULL,                   -- whose answer it shows
    place        INTEGER NOT NULL,                -- which part of the answer, from 0
    PRIMARY KEY (conversation, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX shown_exchange ON shown (exchange, place);

-- What people think of answers. A later entry outweighs an earlier one; none is changed.
CREATE TABLE feedback (
    id           INTEGER PRIMARY KEY AUTOINCREMENT, -- ascending
    exchange     TEXT NOT NULL DEFAULT '',        -- '' for words about the bot as a whole
    conversation TEXT NOT NULL,                   -- where it was said
    person       TEXT NOT NULL,                   -- who said it
    opinion      TEXT NOT NULL,                   -- a rating, a comment or a correction, JSON
    at           INTEGER NOT NULL                 -- when
) STRICT;
CREATE INDEX feedback_exchange ON feedback (exchange, id);
CREATE INDEX feedback_person ON feedback (person, id);
CREATE INDEX feedback_at ON feedback (at);

-- Lessons, documents and rules.
CREATE TABLE knowledge (
    id      TEXT PRIMARY KEY NOT NULL,            -- ULID
    kind    TEXT NOT NULL,                        -- lesson, document or rule
    scope   TEXT NOT NULL,                        -- whom it counts for: *, p:person or c:conversation
    teacher TEXT NOT NULL,                        -- who taught it
    retired INTEGER NOT NULL DEFAULT 0,           -- 1: it no longer counts, and its words are gone
    at      INTEGER NOT NULL,                     -- when
    body    TEXT NOT NULL                         -- all of it, JSON; '' when retired
) STRICT;
CREATE INDEX knowledge_teacher ON knowledge (teacher, id);
CREATE INDEX knowledge_scope ON knowledge (scope, kind, id);

-- What changed in it, in order: every process follows this list to keep its index in step.
CREATE TABLE knowledge_change (
    revision INTEGER PRIMARY KEY AUTOINCREMENT,   -- ascending, visible in order
    id       TEXT NOT NULL                        -- what changed
) STRICT;

-- What answered: release, model, instructions and retrieval settings together.
CREATE TABLE fingerprint (
    id    TEXT PRIMARY KEY NOT NULL,              -- hash of its parts
    parts TEXT NOT NULL,                          -- its parts, JSON
    at    INTEGER NOT NULL                        -- when it first answered
) STRICT, WITHOUT ROWID;

-- What the learning loop keeps: examples, versions of the dataset, runs, releases, each written whole.
CREATE TABLE object (
    kind   TEXT NOT NULL,                         -- example, dataset, run, release …
    id     TEXT NOT NULL,                         -- ULID, or a number with leading zeros
    state  TEXT NOT NULL,                         -- where it stands
    person TEXT NOT NULL DEFAULT '',              -- whose words it holds, '' for nobody's
    about  TEXT NOT NULL DEFAULT '',              -- what else it is found by
    at     INTEGER NOT NULL,                      -- when it was made
    body   TEXT NOT NULL,                         -- all of it, JSON
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX object_state ON object (kind, state, id);
CREATE INDEX object_person ON object (person) WHERE person <> '';
CREATE INDEX object_about ON object (kind, about) WHERE about <> '';

-- Tokens and money by day.
CREATE TABLE usage (
    day               INTEGER NOT NULL,           -- days since 1970-01-01 UTC
    person            TEXT NOT NULL,              -- who asked
    conversation      TEXT NOT NULL,              -- where
    model             TEXT NOT NULL,              -- provider and model as the settings name them
    exchanges         INTEGER NOT NULL DEFAULT 0, -- answers
    prompt_tokens     INTEGER NOT NULL DEFAULT 0, -- tokens of requests
    completion_tokens INTEGER NOT NULL DEFAULT 0, -- tokens of answers
    micro_usd         INTEGER NOT NULL DEFAULT 0, -- cost in millionths of a US dollar, where prices are known
    PRIMARY KEY (person, conversation, model, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_conversation ON usage (conversation, day);
CREATE INDEX usage_day ON usage (day);

-- One-time codes: to become the owner, to log into the page. Only hashes are stored.
CREATE TABLE code (
    kind       TEXT NOT NULL,                     -- what it is good for
    hash       TEXT NOT NULL,                     -- BLAKE3 of the code
    expires_at INTEGER NOT NULL,                  -- not good after this moment
    data       TEXT NOT NULL DEFAULT '',          -- what it carries
    PRIMARY KEY (kind, hash)
) STRICT, WITHOUT ROWID;

-- Sessions of the page. Only hashes are stored.
CREATE TABLE session (
    hash       TEXT PRIMARY KEY NOT NULL,         -- BLAKE3 of the cookie
    person     TEXT NOT NULL,                     -- whose
    expires_at INTEGER NOT NULL                   -- not good after this moment
) STRICT, WITHOUT ROWID;

-- Acts of people who have power.
CREATE TABLE audit (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,     -- ascending
    person TEXT NOT NULL,                         -- who
    what   TEXT NOT NULL,                         -- role, work, forget …
    detail TEXT NOT NULL,                         -- to whom or what
    at     INTEGER NOT NULL                       -- when
) STRICT;

-- Single values, such as which release answers whom.
CREATE TABLE setting (
    name  TEXT PRIMARY KEY NOT NULL,              -- its name
    value TEXT NOT NULL                           -- its value
) STRICT, WITHOUT ROWID;
