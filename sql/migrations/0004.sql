-- Rows are counted by the program, a commit at a time, no longer by triggers.
DROP TRIGGER fact_in;
DROP TRIGGER fact_out;
DROP TRIGGER named_fact_in;
DROP TRIGGER named_fact_out;
DROP TRIGGER facet_in;
DROP TRIGGER facet_out;
DROP TRIGGER coverage_in;
DROP TRIGGER coverage_out;
