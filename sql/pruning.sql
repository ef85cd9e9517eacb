-- The day that `prune` goes back to: see there.
CREATE TEMP TABLE pruning AS
SELECT CAST(:day AS INTEGER) AS day, CAST(:month AS INTEGER) AS month, CAST(:days AS INTEGER) AS days;
