-- One reduced target, known by the digest of its body.
INSERT INTO target (digest, body)
VALUES (:digest, :body)
ON CONFLICT DO UPDATE SET digest = digest
RETURNING id;
