-- Days on which something was delivered.
INSERT INTO coverage (account, region, category, event_source, month, days)
VALUES (:account, :region, :category, :source, :month, :days)
ON CONFLICT DO UPDATE SET days = days | excluded.days;
