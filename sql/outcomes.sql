-- How the calls of anybody ended on some days: each kind of event and circumstances once. The first and the last month are cut by their bits.
SELECT DISTINCT operation_id AS operation, context_id AS context, sum = due AS isSound FROM fact
WHERE month BETWEEN :first AND :last
  AND days & CASE month WHEN :first THEN :from ELSE -1 END & CASE month WHEN :last THEN :to ELSE -1 END
UNION
SELECT DISTINCT operation_id, context_id, sum = due FROM named_fact WHERE day BETWEEN :since AND :until;
