-- An object that is asked for no more: it is gone (then its etag is '', so that another of its name is read), or given up.
UPDATE object SET fault = '', etag = :etag
WHERE name = :name AND folder_id = (SELECT id FROM folder WHERE path = :folder);
