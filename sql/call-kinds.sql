-- What some identities did in a window, by kind of call: `sql/facts-by-principal.sql` without what the calls were made on, and without samples.
SELECT 0 AS part, principal_id AS principal, operation_id AS operation, context_id AS context, target_id AS target, NULL AS leaf,
  month AS period, days, calls
FROM fact
WHERE principal_id IN (SELECT value FROM json_each(:principals)) AND month BETWEEN :first AND :last
UNION ALL
SELECT 1, principal_id, operation_id, context_id, target_id, leaf_id, day, NULL, calls
FROM named_fact
WHERE principal_id IN (SELECT value FROM json_each(:principals)) AND day BETWEEN :since AND :until
ORDER BY part, principal, operation, context, target, leaf, period;
