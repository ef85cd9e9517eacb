// Who would lose a way to gain more rights, and does anything that matters break? Reads an index that `iam-minimize ingest`
// has made, proposes for everybody, and asks of each proposal what one's own rules are about.
//
//   node review.mjs INDEX CURRENT
import { evaluate, generate, InputError, openIndex } from 'iam-minimize';

const [db = 'iam-minimize.db', current = '../current'] = process.argv.slice(2);

/** A request that must stay allowed, whatever the log says: the job runs once a year. */
const mustStay = {
  action: 's3:GetObject',
  resource: 'arn:aws:s3:::app-data/in/orders.csv',
  context: new Map(),
  contextIsComplete: true,
};

/** What the caller can mend is one line; anything else is a bug and keeps its stack. @param {unknown} error */
const tell = (error) => {
  if (!(error instanceof InputError)) throw error;
  console.error(error.message);
  process.exit(2);
};

process.on('uncaughtException', tell);
const index = openIndex(db);
try {
  for await (const proposal of generate(index, { current, minWindow: 5, onWarning: console.warn })) {
    const { identity, proof, documents, diff } = proposal;
    const escalation =
      diff?.items.filter((item) => item.kind === 'removed' && item.privilegeEscalation) ?? [];
    const { decision } = evaluate(mustStay, { identity: documents });
    console.log(
      `${identity.kind} ${identity.name}: ${proof.allowed} of ${proof.uses} uses still allowed, ${proof.denied} denied; ` +
        `loses ${escalation.length} ways to escalate; ${mustStay.action} ${decision}`,
    );
  }
} finally {
  index.close();
}
