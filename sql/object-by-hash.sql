-- An object with the same content under another name.
SELECT o.read, o.fault
FROM object o
WHERE o.hash = :hash AND o.size >= 0
ORDER BY o.id
LIMIT 1;
