-- One list of names of unbounded variety.
INSERT INTO leaf (names)
VALUES (:names)
ON CONFLICT DO UPDATE SET names = names
RETURNING id;
