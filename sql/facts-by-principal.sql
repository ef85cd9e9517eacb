-- What some identities did in the months of a window; the rows of one call one after the other.
SELECT f.principal_id AS principal, f.operation_id AS operation, f.context_id AS context, f.target_id AS target, t.body, hex(t.digest) AS digest, '' AS names,
  f.month, f.days, f.calls, f.sample_time AS sampleTime, f.sample_event AS sampleEvent, f.sample_object_id AS sampleObject
FROM fact f LEFT JOIN target t ON t.id = f.target_id
WHERE f.principal_id IN (SELECT value FROM json_each(:principals)) AND f.month BETWEEN :first AND :last
ORDER BY f.principal_id, f.operation_id, f.context_id, f.target_id, f.month;
