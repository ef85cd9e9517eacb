-- Objects that could not be read to their end.
SELECT f.path AS folder, o.name, o.fault FROM object o JOIN folder f ON f.id = o.folder_id
WHERE o.fault <> '' AND o.size >= 0
ORDER BY f.path, o.name;
