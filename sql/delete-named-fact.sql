-- A name that was folded into another.
DELETE FROM named_fact
WHERE principal_id = :principal AND operation_id = :operation AND context_id = :context AND target_id = :target AND day = :period AND leaf_id = :leafId;
