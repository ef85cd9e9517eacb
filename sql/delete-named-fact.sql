-- A name that was folded into another.
DELETE FROM named_fact
WHERE principal_id = ? AND operation_id = ? AND context_id = ? AND target_id = ? AND day = ? AND leaf_id = ?;
