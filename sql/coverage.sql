-- What was delivered, and when.
SELECT account, region, category, event_source AS source, detail, month, days FROM coverage
ORDER BY account, region, category, event_source, detail, month;
