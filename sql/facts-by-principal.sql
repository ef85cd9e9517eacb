-- What some identities did in a window, the rows of one call one after the other: a row per month, or with names (`leaf`) per day.
SELECT 0 AS isNamed, principal_id AS principal, operation_id AS operation, context_id AS context, target_id AS target, NULL AS leaf,
  month AS period, days, calls, sample_time AS sampleTime, sample_event AS sampleEvent, sample_object_id AS sampleObject
FROM fact
WHERE principal_id IN (SELECT value FROM json_each(:principals)) AND month BETWEEN :first AND :last
UNION ALL
SELECT 1, principal_id, operation_id, context_id, target_id, leaf_id, day, NULL, calls, sample_time, sample_event, sample_object_id
FROM named_fact
WHERE principal_id IN (SELECT value FROM json_each(:principals)) AND day BETWEEN :since AND :until
ORDER BY isNamed, principal, operation, context, target, leaf, period;
