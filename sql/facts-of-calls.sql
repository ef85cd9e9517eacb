-- Successful calls of some names to a source; all principals, so that keys lead to the rows.
SELECT o.event_name AS eventName, c.account, t.body, hex(t.digest) AS digest, f.sum = f.due AS isSound, f.month, f.days
FROM fact f
JOIN operation o ON o.id = f.operation_id
JOIN context c ON c.id = f.context_id
LEFT JOIN target t ON t.id = f.target_id
WHERE f.principal_id IN (SELECT id FROM principal)
  AND f.operation_id IN (
    SELECT id FROM operation WHERE event_source = :source AND event_name IN (SELECT value FROM json_each(:names))
  )
  AND f.month BETWEEN :first AND :last
  AND c.error_code = ''
ORDER BY c.account, o.event_name, t.body, f.month;
