-- One reduced target.
SELECT body FROM target WHERE id = :id;
