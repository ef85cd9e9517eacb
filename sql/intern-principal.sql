-- One identity; the no-op update makes RETURNING give the id of a known one too.
INSERT INTO principal (kind, account, name, arn, unique_id)
VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET kind = kind
RETURNING id;
