-- So many rows more, or fewer, of a principal.
UPDATE principal SET rows = rows + :rows WHERE id = :principal;
