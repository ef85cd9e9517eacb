-- The id of an object whose facts are written before it has been read to its end; its row comes with its end.
INSERT INTO object (folder_id, name, size, etag, hash, read, used, duplicate, skipped, fault)
VALUES (:folder, :name, -1, '', x'', 0, 0, 0, '{}', 'unfinished')
ON CONFLICT DO UPDATE SET name = name
RETURNING id;
