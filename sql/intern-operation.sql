-- One kind of event.
INSERT INTO operation (event_source, event_name, event_type, category, read_only)
VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET event_source = event_source
RETURNING id;
