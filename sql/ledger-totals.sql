-- Objects and events read so far.
SELECT count(*) AS objects, coalesce(sum(size), 0) AS bytes, coalesce(sum(read), 0) AS read, coalesce(sum(used), 0) AS used,
  coalesce(sum(duplicate), 0) AS duplicate
FROM object WHERE size >= 0;
