-- Takes out what was seen before a day; temp.pruning has it: `day`, its `month`, and `days`, the bits of that month from it on.
-- The ledger stays, so that what was read is not read again. A sample that is gone leaves the beginning of the day in its place.
DELETE FROM named_fact WHERE day < (SELECT day FROM pruning);
DELETE FROM fact WHERE month < (SELECT month FROM pruning);
DELETE FROM facet WHERE month < (SELECT month FROM pruning);
DELETE FROM coverage WHERE month < (SELECT month FROM pruning);
UPDATE fact SET days = fact.days & p.days, sum = ((sum - (fact.days & ~p.days) * 393241) % 2147483647 + 2147483647) % 2147483647,
  sample_event = iif(sample_time < p.day * 86400, '', sample_event), sample_time = max(sample_time, p.day * 86400)
FROM pruning p WHERE fact.month = p.month;
DELETE FROM fact WHERE days = 0;
UPDATE facet SET days = facet.days & p.days, sum = ((sum - (facet.days & ~p.days) * 1009) % 2147483647 + 2147483647) % 2147483647
FROM pruning p WHERE facet.month = p.month;
DELETE FROM facet WHERE days = 0;
UPDATE coverage SET days = coverage.days & p.days, sum = ((sum - (coverage.days & ~p.days) * 1009) % 2147483647 + 2147483647) % 2147483647
FROM pruning p WHERE coverage.month = p.month;
DELETE FROM coverage WHERE days = 0;
DELETE FROM target WHERE id NOT IN (SELECT target_id FROM fact UNION SELECT target_id FROM named_fact);
DELETE FROM leaf WHERE id NOT IN (SELECT leaf_id FROM named_fact);
DELETE FROM context WHERE id NOT IN (SELECT context_id FROM fact UNION SELECT context_id FROM named_fact);
DELETE FROM operation WHERE id NOT IN (SELECT operation_id FROM fact UNION SELECT operation_id FROM named_fact);
DELETE FROM principal
WHERE id NOT IN (SELECT principal_id FROM fact UNION SELECT principal_id FROM named_fact UNION SELECT principal_id FROM facet);
UPDATE principal SET rows = (SELECT count(*) FROM fact WHERE principal_id = principal.id)
  + (SELECT count(*) FROM named_fact WHERE principal_id = principal.id) + (SELECT count(*) FROM facet WHERE principal_id = principal.id);
UPDATE meta SET value = (SELECT count(*) FROM coverage) WHERE key = 'coverage_rows';
INSERT INTO meta (key, value) SELECT 'pruned', day FROM pruning WHERE true ON CONFLICT DO UPDATE SET value = max(value, excluded.value);
DROP TABLE pruning;
