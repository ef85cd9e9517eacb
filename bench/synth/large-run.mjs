// Makes the policies of the one principal of an index; seconds, peak memory and a digest of the answer as JSON:
// node large-run.mjs DB exact|balanced [current]
import { createHash } from 'node:crypto';
import { parsePolicy } from '../../dist/iam/policy/policy.js';
import { policySize } from '../../dist/iam/policy/quota.js';
import { IndexReader } from '../../dist/store/reader.js';
import { propose } from '../../dist/synth/generate.js';
import { Observation } from '../../dist/synth/usage/observation.js';
import { held } from './large.mjs';

const [db = '', name, withCurrent] = process.argv.slice(2);
const strategy = name === 'exact' ? 'exact' : 'balanced';
const seconds = (/** @type {number} */ since) => Number(((performance.now() - since) / 1000).toFixed(2));

const today =
  withCurrent === 'current'
    ? { identity: [parsePolicy(JSON.stringify(held), 'current')], boundary: undefined }
    : undefined;

const started = performance.now();
const index = IndexReader.open(db);
const observation = new Observation(index, undefined, []);
const [identity] = observation.identities;
if (!identity) throw new Error('the index holds no principal');
const window = observation.covered(identity);
const observed = observation.observed(identity, window);
const observeSeconds = seconds(started);
// Said at once, for runs that are given up.
process.stderr.write(`${observed.uses.length} uses after ${observeSeconds} s\n`);
const proposing = performance.now();
const { documents, proof, diff, folds, overflow } = propose({
  identity,
  observed,
  today,
  strategy,
  unobservable: 'keep',
  trails: undefined,
  deliveries: observation.deliveries(window),
  window,
  gaps: observation.gaps(identity, window),
  covered: 0,
  minWindow: 0,
});
const { user, system } = process.cpuUsage();
const digest = createHash('sha256');
for (const part of [...documents, proof, ...(diff?.items ?? []), diff?.broadened, ...folds, overflow])
  digest.update(JSON.stringify(part) ?? '');
const result = {
  uses: observed.uses.length,
  observeSeconds,
  proposeSeconds: seconds(proposing),
  cpuSeconds: Number(((user + system) / 1e6).toFixed(2)),
  peakMB: Math.round(process.resourceUsage().maxRSS / 1024),
  documents: documents.length,
  bytes: documents.reduce((sum, document) => sum + policySize(document), 0),
  denied: proof.denied,
  digest: digest.digest('hex').slice(0, 16),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
index.close();
