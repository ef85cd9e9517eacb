-- How far a source has been read, shard by shard: written in the transaction of what was read, so never ahead of its facts.
CREATE TABLE source_mark (
  source TEXT NOT NULL,
  shard TEXT NOT NULL,
  mark TEXT NOT NULL,
  PRIMARY KEY (source, shard)
) WITHOUT ROWID;
