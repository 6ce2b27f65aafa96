-- What the learning loop keeps: examples, versions of the dataset, runs, releases, each written whole.
CREATE TABLE object (
    kind   TEXT NOT NULL,
    id     TEXT NOT NULL,
    state  TEXT NOT NULL,
    person TEXT NOT NULL DEFAULT '',
    about  TEXT NOT NULL DEFAULT '',
    at     BIGINT NOT NULL,
    body   TEXT NOT NULL,
    PRIMARY KEY (kind, id)
);
CREATE INDEX object_state ON object (kind, state, id);
CREATE INDEX object_person ON object (person) WHERE person <> '';
CREATE INDEX object_about ON object (kind, about) WHERE about <> '';

-- What answered: every reply's own combination of model, instructions and settings.
ALTER TABLE release RENAME TO fingerprint;

-- What was thought lately, and who is in a group, without reading everything.
CREATE INDEX feedback_at ON feedback (at);
CREATE INDEX member_conversation ON member (conversation);
