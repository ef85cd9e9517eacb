-- Days on which something was delivered.
INSERT INTO coverage (account, region, category, event_source, detail, month, days)
VALUES (:account, :region, :category, :source, :detail, :month, :days)
ON CONFLICT DO UPDATE SET days = days | excluded.days;
