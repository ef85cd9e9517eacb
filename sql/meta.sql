-- One setting of the index.
SELECT value FROM meta WHERE key = ?;
