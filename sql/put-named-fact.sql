-- One name (or fold) of one day; the caller has merged it with what was there.
INSERT INTO named_fact (principal_id, operation_id, context_id, target_id, day, leaf_id, calls, sample_time, sample_event, sample_object_id, sum)
VALUES (:principal, :operation, :context, :target, :period, :leafId, :calls, :sampleTime, :sampleEvent, :sampleObject,
  (:principal * 131071 + :operation * 174763 + :context * 262147 + :target * 524287 + :period * 65537 + :leafId * 393241 + :calls * 104729) % 2147483647)
ON CONFLICT DO UPDATE SET calls = excluded.calls, sample_time = excluded.sample_time, sample_event = excluded.sample_event,
  sample_object_id = excluded.sample_object_id, sum = excluded.sum;
