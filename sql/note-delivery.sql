-- The day of the newest delivery, if this one is newer.
INSERT INTO meta (key, value) VALUES ('newest_delivery', :day)
ON CONFLICT DO UPDATE SET value = CAST(max(CAST(value AS INTEGER), CAST(excluded.value AS INTEGER)) AS TEXT);
