-- One name (or fold) of one day; the caller has merged it with what was there.
INSERT OR REPLACE INTO named_fact (principal_id, operation_id, context_id, target_id, day, leaf_id, calls, sample_time, sample_event, sample_object_id)
VALUES (:principal, :operation, :context, :target, :period, :leafId, :calls, :sampleTime, :sampleEvent, :sampleObject);
