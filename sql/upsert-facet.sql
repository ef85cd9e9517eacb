-- One circumstance worth narrowing with.
INSERT INTO facet (principal_id, event_source, kind, value, month, days, sum)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET
  days = days | excluded.days + was_there(), sum = (sum + ((days | excluded.days) - days) * 1009) % 2147483647;
