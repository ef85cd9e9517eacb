-- Sets of days unite; the sample is the earliest event, so that order and repeats change nothing.
INSERT INTO fact (principal_id, operation_id, context_id, target_id, month, days, calls, sample_time, sample_event, sample_object_id)
VALUES (:principal, :operation, :context, :target, :period, :days, :calls, :sampleTime, :sampleEvent, :sampleObject)
ON CONFLICT DO UPDATE SET
  days = days | excluded.days,
  calls = calls + excluded.calls,
  sample_object_id = iif((excluded.sample_time, excluded.sample_event) < (sample_time, sample_event), excluded.sample_object_id, sample_object_id),
  sample_event = iif((excluded.sample_time, excluded.sample_event) < (sample_time, sample_event), excluded.sample_event, sample_event),
  sample_time = min(sample_time, excluded.sample_time);
