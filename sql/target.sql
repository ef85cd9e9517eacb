-- What a call was made on, with the names in its holes, and whether both copies of these agree.
SELECT t.body, hex(t.digest) AS digest, l.names,
  :leaf IS NULL OR EXISTS (SELECT 1 FROM leaf i INDEXED BY sqlite_autoindex_leaf_1 WHERE i.names = l.names AND i.id = l.id) AS isNamed
FROM (SELECT 1) LEFT JOIN target t ON t.id = :id LEFT JOIN leaf l ON l.id = :leaf;
