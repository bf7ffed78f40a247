-- migrate:up
-- It expands: version 1.0.0 knows nothing of the column and goes on. Whoever waits for the lock of a table lets all others
-- wait behind it, so it gives up after a second.
SET LOCAL lock_timeout = '1s';
ALTER TABLE tasks ADD COLUMN tokens integer;

-- migrate:down
SET LOCAL lock_timeout = '1s';
ALTER TABLE tasks DROP COLUMN tokens;
