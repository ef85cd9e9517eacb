-- One name (or fold) of one day; the caller has merged it with what was there.
INSERT INTO named_fact (principal_id, operation_id, context_id, target_id, day, leaf_id, calls, sample_time, sample_event, sample_object_id, sum)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET calls = excluded.calls, sample_time = excluded.sample_time, sample_event = excluded.sample_event,
  sample_object_id = excluded.sample_object_id, sum = excluded.sum;
