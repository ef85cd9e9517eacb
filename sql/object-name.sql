-- Where a sample event was read.
SELECT f.path AS folder, o.name FROM object o JOIN folder f ON f.id = o.folder_id WHERE o.id = :id;
