-- How the calls of some identities arrived in the months of a window.
SELECT event_source AS source, kind, value, month, days FROM facet
WHERE principal_id IN (SELECT value FROM json_each(:principals)) AND month BETWEEN :first AND :last
ORDER BY event_source, kind, value, month;
