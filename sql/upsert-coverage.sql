-- Days on which something was delivered.
INSERT INTO coverage (account, region, category, event_source, detail, month, days, sum)
VALUES (:account, :region, :category, :source, :detail, :month, :days, (:texts + :month * 65537 + :days * 1009) % 2147483647)
ON CONFLICT DO UPDATE SET
  days = days | excluded.days + was_there(), sum = (sum + ((days | excluded.days) - days) * 1009) % 2147483647;
