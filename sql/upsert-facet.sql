-- One circumstance worth narrowing with.
INSERT INTO facet (principal_id, event_source, kind, value, month, days, sum)
VALUES (:principal, :source, :kind, :value, :month, :days, (:texts + :month * 65537 + :days * 1009) % 2147483647)
ON CONFLICT DO UPDATE SET
  days = days | excluded.days + was_there(), sum = (sum + ((days | excluded.days) - days) * 1009) % 2147483647;
