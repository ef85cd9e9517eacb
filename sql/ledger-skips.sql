-- Skipped records by reason.
SELECT s.key AS reason, sum(s.value) AS records FROM object o, json_each(o.skipped) s
WHERE o.size >= 0
GROUP BY s.key
ORDER BY s.key;
