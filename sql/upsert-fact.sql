-- Sets of days unite; `was_there` counts what is no new row, and gives 0; the sample is the earliest event, so that order and repeats change nothing. The sum: migrations/0003.
INSERT INTO fact (principal_id, operation_id, context_id, target_id, month, days, calls, sample_time, sample_event, sample_object_id, sum)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET
  days = days | excluded.days,
  sum = (sum + ((days | excluded.days) - days) * 393241 + excluded.calls * 104729) % 2147483647,
  calls = calls + excluded.calls + was_there(),
  sample_object_id = iif((excluded.sample_time, excluded.sample_event) < (sample_time, sample_event), excluded.sample_object_id, sample_object_id),
  sample_event = iif((excluded.sample_time, excluded.sample_event) < (sample_time, sample_event), excluded.sample_event, sample_event),
  sample_time = min(sample_time, excluded.sample_time);
