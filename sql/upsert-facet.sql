-- One circumstance worth narrowing with.
INSERT INTO facet (principal_id, event_source, kind, value, month, days)
VALUES (:principal, :source, :kind, :value, :month, :days)
ON CONFLICT DO UPDATE SET days = days | excluded.days;
