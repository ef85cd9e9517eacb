-- What some identities did in a window, the rows of one call one after the other: a row per month, or with names (`leaf`) per day.
-- What each call was made on comes with it, as `sql/target.sql` has it.
SELECT 0 AS part, principal_id AS principal, operation_id AS operation, context_id AS context, target_id AS target, NULL AS leaf,
  month AS period, days, calls, sample_time AS sampleTime, sample_event AS sampleEvent, sample_object_id AS sampleObject,
  t.body, hex(t.digest) AS digest, NULL AS names, 1 AS isNamed
FROM fact LEFT JOIN target t ON t.id = target_id
WHERE principal_id IN (SELECT value FROM json_each(:principals)) AND month BETWEEN :first AND :last
UNION ALL
SELECT 1, principal_id, operation_id, context_id, target_id, leaf_id, day, NULL, calls, sample_time, sample_event, sample_object_id,
  t.body, hex(t.digest), l.names, EXISTS (SELECT 1 FROM leaf i INDEXED BY sqlite_autoindex_leaf_1 WHERE i.names = l.names AND i.id = l.id)
FROM named_fact LEFT JOIN target t ON t.id = target_id LEFT JOIN leaf l ON l.id = leaf_id
WHERE principal_id IN (SELECT value FROM json_each(:principals)) AND day BETWEEN :since AND :until
ORDER BY part, principal, operation, context, target, leaf, period;
