-- Each row says what it should add up to, so that damage inside a row is seen where it is read. 2147483647 is a prime, and so are
-- the factors: no change of one column leaves the sum as it was; all are small enough for numbers with 53 bits. A row is written with its sum, and a change of days or calls moves the
-- sum by as much. Samples decide nothing and are not in it.
ALTER TABLE fact ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE fact ADD COLUMN due INTEGER AS (
  (principal_id * 131071 + operation_id * 174763 + context_id * 262147 + target_id * 524287 + month * 65537 + days * 393241 + calls * 104729)
    % 2147483647
) VIRTUAL;
UPDATE fact SET sum = due;
ALTER TABLE named_fact ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE named_fact ADD COLUMN due INTEGER AS (
  (principal_id * 131071 + operation_id * 174763 + context_id * 262147 + target_id * 524287 + day * 65537 + leaf_id * 393241 + calls * 104729)
    % 2147483647
) VIRTUAL;
UPDATE named_fact SET sum = due;
-- The texts of these two are added up by `text_sum`, a function of the program.
ALTER TABLE facet ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
UPDATE facet SET sum = (text_sum(principal_id, event_source, kind, value, '') + month * 65537 + days * 1009) % 2147483647;
ALTER TABLE coverage ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
UPDATE coverage SET sum = (text_sum(account, region, category, event_source, detail) + month * 65537 + days * 1009) % 2147483647;
-- How many rows each principal has in these tables, and coverage in all, so that a row that is lost is missed.
ALTER TABLE principal ADD COLUMN rows INTEGER NOT NULL DEFAULT 0;
UPDATE principal SET rows = (SELECT count(*) FROM fact WHERE principal_id = principal.id)
  + (SELECT count(*) FROM named_fact WHERE principal_id = principal.id) + (SELECT count(*) FROM facet WHERE principal_id = principal.id);
CREATE TRIGGER fact_in AFTER INSERT ON fact BEGIN UPDATE principal SET rows = rows + 1 WHERE id = NEW.principal_id; END;
CREATE TRIGGER fact_out AFTER DELETE ON fact BEGIN UPDATE principal SET rows = rows - 1 WHERE id = OLD.principal_id; END;
CREATE TRIGGER named_fact_in AFTER INSERT ON named_fact BEGIN UPDATE principal SET rows = rows + 1 WHERE id = NEW.principal_id; END;
CREATE TRIGGER named_fact_out AFTER DELETE ON named_fact BEGIN UPDATE principal SET rows = rows - 1 WHERE id = OLD.principal_id; END;
CREATE TRIGGER facet_in AFTER INSERT ON facet BEGIN UPDATE principal SET rows = rows + 1 WHERE id = NEW.principal_id; END;
CREATE TRIGGER facet_out AFTER DELETE ON facet BEGIN UPDATE principal SET rows = rows - 1 WHERE id = OLD.principal_id; END;
INSERT INTO meta (key, value) SELECT 'coverage_rows', count(*) FROM coverage;
CREATE TRIGGER coverage_in AFTER INSERT ON coverage BEGIN UPDATE meta SET value = value + 1 WHERE key = 'coverage_rows'; END;
CREATE TRIGGER coverage_out AFTER DELETE ON coverage BEGIN UPDATE meta SET value = value - 1 WHERE key = 'coverage_rows'; END;
-- The day of the newest delivery: no event is younger. Of what was read before this was noted it is at most today.
INSERT INTO meta (key, value) SELECT 'newest_delivery', CAST(strftime('%s', 'now') / 86400 AS TEXT) WHERE EXISTS (SELECT 1 FROM object);
-- What was read before this was remembered is not known: no rebuild may leave it out.
INSERT INTO meta (key, value) SELECT 'asked', '["{}"]' WHERE EXISTS (SELECT 1 FROM object);
