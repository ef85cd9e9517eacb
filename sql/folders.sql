-- Every folder that log objects were read from.
SELECT path FROM folder ORDER BY path;
