-- How many rows the index holds.
SELECT (SELECT count(*) FROM fact) AS facts, (SELECT count(*) FROM named_fact) AS namedFacts, (SELECT count(*) FROM target) AS targets;
