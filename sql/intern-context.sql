-- One set of circumstances.
INSERT INTO context (region, account, error_code, invoked_by, session, source_identity)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET region = region
RETURNING id;
