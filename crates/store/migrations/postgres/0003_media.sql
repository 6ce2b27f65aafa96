-- The lessons, documents and rules of one scope, latest first.
CREATE INDEX knowledge_scope ON knowledge (scope, kind, id);
