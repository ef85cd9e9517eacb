-- Rows of some identities that are not as they were written, lost ones among them; each principal counts its rows.
SELECT (SELECT count(*) FROM fact WHERE principal_id IN (SELECT value FROM json_each(:principals)) AND sum <> due)
  + (SELECT count(*) FROM named_fact WHERE principal_id IN (SELECT value FROM json_each(:principals)) AND sum <> due)
  + (SELECT total(abs(rows
      - (SELECT count(*) FROM fact WHERE principal_id = principal.id)
      - (SELECT count(*) FROM named_fact WHERE principal_id = principal.id)
      - (SELECT count(*) FROM facet WHERE principal_id = principal.id)))
    FROM principal WHERE id IN (SELECT value FROM json_each(:principals))) AS rows;
