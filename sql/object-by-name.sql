-- What the ledger knows of an object.
SELECT o.size, o.etag, o.hash, o.read, o.used, o.duplicate, o.skipped, o.fault
FROM object o JOIN folder f ON f.id = o.folder_id
WHERE f.path = :folder AND o.name = :name AND o.size >= 0;
