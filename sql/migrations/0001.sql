-- Schema version 1. Facts are what CloudTrail said, reduced and folded; nothing here is a conclusion.
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- One row per identity as a record shows it; rows of one role (path known or not, recreated) are joined when read.
CREATE TABLE principal (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  account TEXT NOT NULL,
  name TEXT NOT NULL,
  arn TEXT NOT NULL,
  unique_id TEXT NOT NULL,
  UNIQUE (kind, account, name, arn, unique_id)
);

CREATE TABLE operation (
  id INTEGER PRIMARY KEY,
  event_source TEXT NOT NULL,
  event_name TEXT NOT NULL,
  event_type TEXT NOT NULL,
  category TEXT NOT NULL,
  read_only INTEGER NOT NULL, -- 1, 0, or -1 where the record does not say
  UNIQUE (event_source, event_name, event_type, category, read_only)
);

-- '' stands for absent.
CREATE TABLE context (
  id INTEGER PRIMARY KEY,
  region TEXT NOT NULL,
  account TEXT NOT NULL,
  error_code TEXT NOT NULL,
  invoked_by TEXT NOT NULL,
  session TEXT NOT NULL,
  source_identity TEXT NOT NULL,
  UNIQUE (region, account, error_code, invoked_by, session, source_identity)
);

-- Reduced request, response, resources and what AWS says of a refusal, as canonical JSON; names of unbounded variety are holes filled by `leaf`.
CREATE TABLE target (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  body TEXT NOT NULL
);

-- The names in a target's holes: a JSON array of literals ("a/b") and folds ([depth, "prefix/"]).
CREATE TABLE leaf (
  id INTEGER PRIMARY KEY,
  names TEXT NOT NULL UNIQUE
);

-- month = year * 12 + month - 1; days = bit (day of month - 1). calls and sample are evidence and decide nothing.
CREATE TABLE fact (
  principal_id INTEGER NOT NULL,
  operation_id INTEGER NOT NULL,
  context_id INTEGER NOT NULL,
  target_id INTEGER NOT NULL,
  month INTEGER NOT NULL,
  days INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  sample_time INTEGER NOT NULL,
  sample_event TEXT NOT NULL,
  sample_object_id INTEGER NOT NULL,
  PRIMARY KEY (principal_id, operation_id, context_id, target_id, month)
) WITHOUT ROWID;

-- The same for targets with holes, a row per day: the names of a day fold by themselves. day = days since 1970.
CREATE TABLE named_fact (
  principal_id INTEGER NOT NULL,
  operation_id INTEGER NOT NULL,
  context_id INTEGER NOT NULL,
  target_id INTEGER NOT NULL,
  day INTEGER NOT NULL,
  leaf_id INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  sample_time INTEGER NOT NULL,
  sample_event TEXT NOT NULL,
  sample_object_id INTEGER NOT NULL,
  PRIMARY KEY (principal_id, operation_id, context_id, target_id, day, leaf_id)
) WITHOUT ROWID;

-- How a principal's calls to a service arrived: VPC endpoint, IP range, MFA, TLS version; access keys that last, MFA of sign-ins.
CREATE TABLE facet (
  principal_id INTEGER NOT NULL,
  event_source TEXT NOT NULL,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  month INTEGER NOT NULL,
  days INTEGER NOT NULL,
  PRIMARY KEY (principal_id, event_source, kind, value, month)
) WITHOUT ROWID;

-- Days on which a log was delivered (category, event_source and detail '') or an event of a kind was seen. detail: what a trail
-- may leave out, `read` or `write` of management events, a type of resource of data events; '' where the record does not say.
CREATE TABLE coverage (
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  category TEXT NOT NULL,
  event_source TEXT NOT NULL,
  detail TEXT NOT NULL,
  month INTEGER NOT NULL,
  days INTEGER NOT NULL,
  PRIMARY KEY (account, region, category, event_source, detail, month)
) WITHOUT ROWID;

CREATE TABLE folder (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL UNIQUE
);

-- The ledger: every log object that was read, with what came of it. etag tells a changed object without reading it.
CREATE TABLE object (
  id INTEGER PRIMARY KEY,
  folder_id INTEGER NOT NULL REFERENCES folder (id),
  name TEXT NOT NULL,
  size INTEGER NOT NULL,
  etag TEXT NOT NULL,
  hash BLOB NOT NULL,
  read INTEGER NOT NULL,
  used INTEGER NOT NULL,
  duplicate INTEGER NOT NULL,
  skipped TEXT NOT NULL,
  fault TEXT NOT NULL, -- '' when the whole object could be read
  UNIQUE (folder_id, name)
);
CREATE INDEX object_by_hash ON object (hash);
