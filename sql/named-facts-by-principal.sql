-- The same for facts with names of unbounded variety: one row per name and day.
SELECT f.principal_id AS principal, f.operation_id AS operation, f.context_id AS context, f.target_id AS target, t.body, hex(t.digest) AS digest, l.names,
  EXISTS (SELECT 1 FROM leaf i INDEXED BY sqlite_autoindex_leaf_1 WHERE i.names = l.names AND i.id = l.id) AS isNamed,
  f.day, f.calls, f.sample_time AS sampleTime, f.sample_event AS sampleEvent, f.sample_object_id AS sampleObject
FROM named_fact f LEFT JOIN target t ON t.id = f.target_id LEFT JOIN leaf l ON l.id = f.leaf_id
WHERE f.principal_id IN (SELECT value FROM json_each(:principals)) AND f.day BETWEEN :since AND :until
ORDER BY f.principal_id, f.operation_id, f.context_id, f.target_id, f.leaf_id, f.day;
