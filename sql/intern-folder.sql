-- One folder of log objects.
INSERT INTO folder (path)
VALUES (:path)
ON CONFLICT DO UPDATE SET path = path
RETURNING id;
