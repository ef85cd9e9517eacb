-- Calls that failed with a text in which AWS says of what; by whom, without the names of unbounded variety.
SELECT DISTINCT p.kind, p.account, p.name, f.operation_id AS operation, f.context_id AS context, t.body, hex(t.digest) AS digest,
  f.sum = f.due AS isSound, f.month, f.days
FROM fact f
JOIN principal p ON p.id = f.principal_id
JOIN target t ON t.id = f.target_id
WHERE f.context_id IN (SELECT id FROM context WHERE error_code <> '')
  AND f.month BETWEEN :first AND :last
  AND json_valid(t.body) AND json_type(t.body, '$[3]') = 'array';
