-- The same content under a new modification mark.
UPDATE object SET etag = :etag
WHERE name = :name AND folder_id = (SELECT id FROM folder WHERE path = :folder);
