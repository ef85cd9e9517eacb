-- What some identities did in the months of a window, ordered so that output is stable.
SELECT principal_id AS principal, operation_id AS operation, context_id AS context, target_id AS target, month, days, calls,
  sample_time AS sampleTime, sample_event AS sampleEvent, sample_object_id AS sampleObject
FROM fact
WHERE principal_id IN (SELECT value FROM json_each(:principals)) AND month BETWEEN :first AND :last
ORDER BY principal_id, operation_id, context_id, target_id, month;
