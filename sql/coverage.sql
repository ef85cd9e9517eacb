-- What was delivered, and when. A day on which an object of the account and Region could not be read (its name says which:
-- ACCOUNT_CloudTrail_REGION_YYYYMMDDT...) is not covered until it is read, gone or given up.
WITH unread AS (
  SELECT account, region, month, sum(DISTINCT 1 << (day - 1)) AS days
  FROM (
    SELECT substr(name, 1, 12) AS account, substr(name, 25, at - 1) AS region,
      CAST(substr(name, 25 + at, 4) AS INTEGER) * 12 + CAST(substr(name, 29 + at, 2) AS INTEGER) - 1 AS month,
      CAST(substr(name, 31 + at, 2) AS INTEGER) AS day
    FROM (
      SELECT name, instr(substr(name, 25), '_') AS at FROM object
      WHERE fault <> '' AND size >= 0 AND substr(name, 13, 12) = '_CloudTrail_'
    )
  )
  WHERE day BETWEEN 1 AND 31
  GROUP BY account, region, month
)
SELECT c.account, c.region, c.category, c.event_source AS source, c.detail, c.month,
  CASE WHEN c.category = 'event-history' THEN c.days ELSE c.days & ~coalesce(u.days, 0) END AS days, c.days AS written, c.sum
FROM coverage c LEFT JOIN unread u ON u.account = c.account AND u.region = c.region AND u.month = c.month
ORDER BY c.account, c.region, c.category, c.event_source, c.detail, c.month;
