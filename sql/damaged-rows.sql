-- Rows that do not add up, or refer to what is not there, by kind. The whole of both tables of facts is read.
SELECT 'facts that are not as they were written' AS what, count(*) AS rows FROM (
  SELECT sum, due FROM fact WHERE sum <> due
  UNION ALL SELECT sum, due FROM named_fact WHERE sum <> due
)
UNION ALL
SELECT 'facts that refer to what is not there', count(*) FROM (
  SELECT principal_id, operation_id, context_id, target_id FROM fact
  UNION ALL SELECT principal_id, operation_id, context_id, target_id FROM named_fact WHERE leaf_id IN (SELECT id FROM leaf)
  UNION ALL SELECT NULL, NULL, NULL, NULL FROM named_fact WHERE leaf_id NOT IN (SELECT id FROM leaf)
) f
WHERE f.principal_id NOT IN (SELECT id FROM principal) OR f.operation_id NOT IN (SELECT id FROM operation)
  OR f.context_id NOT IN (SELECT id FROM context) OR f.target_id NOT IN (SELECT id FROM target) OR f.principal_id IS NULL
UNION ALL
SELECT 'rows of principals that are not there, or too many', total(abs(rows
    - (SELECT count(*) FROM fact WHERE principal_id = principal.id)
    - (SELECT count(*) FROM named_fact WHERE principal_id = principal.id)
    - (SELECT count(*) FROM facet WHERE principal_id = principal.id))) FROM principal
UNION ALL
SELECT 'rows of coverage that are not there, or too many', abs(value - (SELECT count(*) FROM coverage)) FROM meta WHERE key = 'coverage_rows'
UNION ALL
SELECT 'circumstances of calls that are not as they were written', count(*) FROM facet
WHERE sum <> (text_sum(principal_id, event_source, kind, value, '') + month * 65537 + days * 1009) % 2147483647
UNION ALL
SELECT 'days covered that are not as they were written', count(*) FROM coverage
WHERE sum <> (text_sum(account, region, category, event_source, detail) + month * 65537 + days * 1009) % 2147483647
UNION ALL
SELECT 'targets that are not what was written', count(*) FROM target WHERE digest <> text_digest(body);
