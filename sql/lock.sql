-- sql/lock.sql: nothing is written; the lock of the file is what is wanted, and the system gives it back with the process.
BEGIN EXCLUSIVE;
