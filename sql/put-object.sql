-- The ledger entry of an object that was read.
INSERT INTO object (folder_id, name, size, etag, hash, read, used, duplicate, skipped, fault)
VALUES (:folder, :name, :size, :etag, :hash, :read, :used, :duplicate, :skipped, :fault)
ON CONFLICT DO UPDATE SET
  size = excluded.size, etag = excluded.etag, hash = excluded.hash, read = excluded.read, used = excluded.used,
  duplicate = excluded.duplicate, skipped = excluded.skipped, fault = excluded.fault;
