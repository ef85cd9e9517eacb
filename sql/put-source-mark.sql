-- A shard of a source has been read to here.
INSERT INTO source_mark (source, shard, mark) VALUES (:source, :shard, :mark)
ON CONFLICT DO UPDATE SET mark = excluded.mark;
