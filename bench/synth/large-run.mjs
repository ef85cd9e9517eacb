// Makes the policies of the one principal of an index; seconds and peak memory as JSON: node large-run.mjs DB STRATEGY
import { policySize } from '../../dist/iam/quota.js';
import { IndexReader } from '../../dist/store/reader.js';
import { propose } from '../../dist/synth/generate.js';
import { Observation } from '../../dist/synth/observation.js';

const [db = '', name] = process.argv.slice(2);
const strategy = name === 'exact' ? 'exact' : 'balanced';
const seconds = (/** @type {number} */ since) => Number(((performance.now() - since) / 1000).toFixed(2));

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
const { documents, proof } = propose({
  identity,
  observed,
  today: undefined,
  strategy,
  unobservable: 'keep',
  trails: undefined,
  regions: observation.regions(identity, window),
  window,
  gaps: observation.gaps(identity, window),
  minWindow: 0,
});
const { user, system } = process.cpuUsage();
const result = {
  uses: observed.uses.length,
  observeSeconds,
  proposeSeconds: seconds(proposing),
  cpuSeconds: Number(((user + system) / 1e6).toFixed(2)),
  peakMB: Math.round(process.resourceUsage().maxRSS / 1024),
  documents: documents.length,
  bytes: documents.reduce((sum, document) => sum + policySize(document), 0),
  denied: proof.denied,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
index.close();
