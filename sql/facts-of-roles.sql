-- Calls that say where a role lies and which instance profile holds it; all principals, so that keys lead to the rows.
SELECT o.event_name AS eventName, c.account, t.body, f.month, f.days
FROM fact f
JOIN operation o ON o.id = f.operation_id
JOIN context c ON c.id = f.context_id
JOIN target t ON t.id = f.target_id
WHERE f.principal_id IN (SELECT id FROM principal)
  AND f.operation_id IN (SELECT id FROM operation WHERE event_source = 'iam.amazonaws.com' AND event_name IN ('CreateRole', 'AddRoleToInstanceProfile'))
  AND f.month BETWEEN :first AND :last
  AND c.error_code = '';
