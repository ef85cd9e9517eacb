-- How far the shards of a source have been read.
SELECT mark FROM source_mark WHERE source = :source ORDER BY shard;
