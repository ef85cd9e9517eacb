-- The names one kind of call used in one day, to fold them together with new ones.
SELECT f.leaf_id AS leafId, l.names, f.calls, f.sample_time AS sampleTime, f.sample_event AS sampleEvent, f.sample_object_id AS sampleObject
FROM named_fact f JOIN leaf l ON l.id = f.leaf_id
WHERE f.principal_id = ? AND f.operation_id = ? AND f.context_id = ? AND f.target_id = ? AND f.day = ?;
