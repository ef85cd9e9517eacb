-- Every identity in the index.
SELECT id, kind, account, name, arn, unique_id AS uniqueId FROM principal
ORDER BY kind, account, name, arn, unique_id;
