-- Every kind of event in the index.
SELECT id, event_source AS eventSource, event_name AS eventName, event_type AS eventType, category, read_only AS readOnly FROM operation;
