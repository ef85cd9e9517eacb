-- Sets one setting of the index.
INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?);
