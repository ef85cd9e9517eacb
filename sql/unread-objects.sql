-- Objects in a folder and below it that could not be read to their end.
SELECT f.path AS folder, o.name, o.etag FROM object o JOIN folder f ON f.id = o.folder_id
WHERE o.fault <> '' AND o.size >= 0 AND (f.path = :folder OR substr(f.path, 1, length(:folder) + 1) = :folder || '/')
ORDER BY f.path, o.name;
