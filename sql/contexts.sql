-- Every set of circumstances in the index.
SELECT id, region, account, error_code AS errorCode, invoked_by AS invokedBy, session, source_identity AS sourceIdentity FROM context;
