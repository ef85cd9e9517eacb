-- So many rows of coverage more.
UPDATE meta SET value = value + :rows WHERE key = 'coverage_rows';
