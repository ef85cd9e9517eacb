-- How the calls of some identities arrived.
SELECT principal_id AS principal, event_source AS source, kind, value, month, days, sum FROM facet
WHERE principal_id IN (SELECT value FROM json_each(:principals))
ORDER BY event_source, kind, value, month;
