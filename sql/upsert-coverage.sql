-- Days on which something was delivered.
INSERT INTO coverage (account, region, category, event_source, detail, month, days, sum)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET
  days = days | excluded.days + was_there(), sum = (sum + ((days | excluded.days) - days) * 1009) % 2147483647;
