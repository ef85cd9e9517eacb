-- How far a shard of a source has been read.
SELECT mark FROM source_mark WHERE source = :source AND shard = :shard;
