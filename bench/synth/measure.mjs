import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCurrent } from '../../dist/current/current.js';
import { parseDay } from '../../dist/iam/days.js';
import { parsePolicy } from '../../dist/iam/policy/policy.js';
import { inlineQuota, managedPolicyQuota, policySize } from '../../dist/iam/policy/quota.js';
import { parseTrailConfig } from '../../dist/permissions/selectors.js';
import { IndexReader } from '../../dist/store/reader.js';
import { propose } from '../../dist/synth/generate.js';
import { Observation } from '../../dist/synth/usage/observation.js';
import { actionsOf, asker, isObservable, pairsOf, reached } from './reach.mjs';
import { sizeBound } from './size-bound.mjs';

/** @typedef {import('./record.mjs').Use} Use */
/** @typedef {import('./reach.mjs').Pair} Pair */
/** @typedef {import('../../dist/iam/policy/policy.js').PolicyDocument} PolicyDocument */
/** @typedef {import('../synth-account.mjs').Account['truth']['principals'][number]} TruePrincipal */
/** @typedef {Record<string, number>} Tally */
/** @typedef {{ tallies: Map<string, Tally>, examples: Map<string, Set<string>> }} Results By strategy. */

/** Days to learn from; all later ones are the test. */
export const TRAINING = 30;

/** @param {import('../synth-account.mjs').Account} account @param {string} db The index of its logs @param {Results} results */
export async function measure({ folder, truth, uses }, db, results) {
  const current = await readCurrent(join(folder, 'authorization-details.json'));
  const accounts = new Map(
    Object.entries(truth.universe).map(([account, universe]) => {
      const trails = parseTrailConfig(
        readFileSync(join(folder, `trail-config-${account}.json`), 'utf8'),
        account,
      );
      return [account, { trails, pairs: pairsOf(universe, trails) }];
    }),
  );
  const index = IndexReader.open(db);
  try {
    const observation = new Observation(index, current, []);
    const since = parseDay(truth.days[0] ?? '', 'first day');
    const window = { since, until: since + TRAINING - 1 };
    for (const principal of truth.principals) {
      const identity = observation.identities.find(
        ({ kind, name }) => kind === principal.kind && name === principal.name,
      );
      const place = accounts.get(principal.account);
      const holder = current.holders.find(
        ({ kind, name }) => kind === principal.kind && name === principal.name,
      );
      if (!identity || !place || !holder)
        throw new Error(`${principal.name}: not found in the index or its current policies`);
      const subject = subjectOf(
        principal,
        uses,
        holder.policies.map((p) => p.document),
        place,
      );
      const observed = observation.observed(identity, window);
      const input = {
        identity,
        observed,
        unobservable: /** @type {const} */ ('keep'),
        trails: place.trails,
        deliveries: observation.deliveries(window),
        window,
        gaps: observation.gaps(identity, window),
        covered: 0,
        minWindow: 0,
      };
      for (const strategy of /** @type {const} */ (['exact', 'balanced'])) {
        for (const today of [undefined, { identity: subject.current, boundary: undefined }]) {
          const started = performance.now();
          const proposal = propose({ ...input, strategy, today });
          const milliseconds = performance.now() - started;
          const name = today ? strategy : `${strategy} without current`;
          judge(results, name, subject, proposal.documents, today !== undefined);
          add(results, name, {
            milliseconds,
            replayDenied: proposal.proof.denied,
            unmapped: proposal.proof.unmapped,
            undetermined: proposal.proof.undetermined,
          });
          size(results, name, proposal.documents, identity.kind);
        }
      }
      judge(results, 'action-level', subject, onAll(subject.trained.map(({ action }) => action)), false);
      judge(
        results,
        'service-level',
        subject,
        onAll(subject.trained.map(({ action }) => `${action.split(':')[0]}:*`)),
        false,
      );
      judge(results, 'current', subject, subject.current, false);
    }
  } finally {
    index.close();
  }
}

/** @typedef {ReturnType<typeof subjectOf>} Subject */

/** @param {TruePrincipal} principal @param {readonly Use[]} all @param {readonly PolicyDocument[]} current @param {{ trails: import('../../dist/permissions/selectors.js').TrailConfig, pairs: Pair[] }} place */
function subjectOf(principal, all, current, { trails, pairs }) {
  const uses = merged(all.filter(({ actor }) => actor === principal.number));
  const needed = principal.behaviours.flatMap(({ truth }) => truth);
  const truth = [
    document(needed.map(([action, resource]) => ({ Effect: 'Allow', Action: action, Resource: resource }))),
  ];
  const logged = uses.filter((use) => use.logged);
  return {
    principal,
    current,
    trails,
    pairs,
    isTrue: reached(truth, pairs),
    isHeld: reached(current, pairs),
    neededActions: new Set(needed.map(([action]) => action.toLowerCase())),
    trained: logged.filter(({ days }) => days.some((day) => day < TRAINING)),
    later: logged.filter(({ days }) => days.some((day) => day >= TRAINING)),
    unseen: uses.filter((use) => !use.logged),
  };
}

/** One entry for each distinct permission; it is a monthly one only if nothing more frequent needs it. @param {readonly Use[]} uses */
function merged(uses) {
  /** @type {Map<string, Use & { behaviours: Set<string> }>} */
  const byKey = new Map();
  for (const use of uses) {
    const key = JSON.stringify([use.action, use.resource, use.context, use.logged]);
    const known = byKey.get(key);
    if (!known) {
      byKey.set(key, { ...use, behaviours: new Set([use.behaviour]) });
      continue;
    }
    known.days = [...new Set([...known.days, ...use.days])];
    known.behaviours.add(use.behaviour);
    if (use.period !== 'monthly') known.period = use.period;
  }
  return [...byKey.values()];
}

const isNew = (/** @type {Use} */ { days }) => days.every((day) => day >= TRAINING);
const often = (/** @type {Use} */ { period }) => period !== 'monthly';

/** @param {Results} results @param {string} strategy @param {Subject} subject @param {readonly PolicyDocument[]} documents @param {boolean} isWithCurrent */
function judge(results, strategy, subject, documents, isWithCurrent) {
  const allows = asker(documents);
  const { principal, later, trained, unseen, pairs, isTrue, isHeld } = subject;
  const refused = later.filter((use) => !allows(use));
  add(results, strategy, {
    principals: 1,
    later: later.filter(often).length,
    laterDenied: refused.filter(often).length,
    laterNew: later.filter((use) => often(use) && isNew(use)).length,
    laterNewDenied: refused.filter((use) => often(use) && isNew(use)).length,
    monthly: later.filter((use) => !often(use)).length,
    monthlyDenied: refused.filter((use) => !often(use)).length,
    principalsDenied: refused.some(often) ? 1 : 0,
    // Every principal counts alike here, however many names it uses.
    principalsWithLater: later.some(often) ? 1 : 0,
    sumOfLaterDenied: refused.filter(often).length / Math.max(1, later.filter(often).length),
    trained: trained.length,
  });
  for (const use of later) add(results, strategy, { [`of ${use.behaviour} ${use.period}`]: 1 });
  for (const use of refused) add(results, strategy, { [`denied ${use.behaviour} ${use.period}`]: 1 });
  for (const use of refused.slice(0, 3)) note(results, `${strategy}: later denied`, use, principal.name);
  const untrained = trained.filter((use) => !allows(use));
  add(results, strategy, { trainedDenied: untrained.length });
  for (const use of untrained)
    note(results, `${strategy}: denied although used in training`, use, principal.name);

  const isReached = reached(documents, pairs);
  const count = (/** @type {(n: number) => boolean | undefined} */ test) =>
    pairs.reduce((sum, _, n) => sum + (test(n) ? 1 : 0), 0);
  const outside = count((n) => isReached[n] && !isTrue[n]);
  add(results, strategy, {
    outside,
    [`outside in ${principal.account}`]: outside,
    outsideObservable: count((n) => isReached[n] && !isTrue[n] && pairs[n]?.observable),
    neverUsedPairs: count((n) => isHeld[n] && !isTrue[n] && pairs[n]?.observable),
    neverUsedPairsRemoved: count((n) => isHeld[n] && !isTrue[n] && pairs[n]?.observable && !isReached[n]),
    widerThanCurrent: isWithCurrent ? count((n) => isReached[n] && !isHeld[n]) : 0,
  });
  if (!isWithCurrent) return;
  const left = actionsOf(documents);
  const neverUsed = [...actionsOf(subject.current)].filter(
    (a) => !subject.neededActions.has(a) && isObservable(a, subject.trails),
  );
  const lost = unseen.filter((use) => !allows(use));
  add(results, strategy, {
    neverUsedActions: neverUsed.length,
    neverUsedActionsRemoved: neverUsed.filter((action) => !left.has(action)).length,
    unobservableUsed: unseen.length,
    unobservableRemoved: lost.length,
    unobservableUsedActions: new Set(unseen.map(({ action }) => action)).size,
    unobservableRemovedActions: new Set(lost.map(({ action }) => action)).size,
  });
  for (const use of lost)
    note(
      results,
      `${strategy}: unobservable but needed, removed`,
      use,
      `${principal.name} (${principal.currentLevel})`,
    );
}

/** @param {Results} results @param {string} strategy @param {readonly PolicyDocument[]} documents @param {string} kind */
function size(results, strategy, documents, kind) {
  const bytes = documents.reduce((sum, d) => sum + policySize(d), 0);
  const { bound, fewestStatements, statements } = sizeBound(documents);
  if (bound > bytes) throw new Error(`${strategy}: ${bytes} characters are below the bound of ${bound}`);
  const quota = kind === 'permission-set' ? inlineQuota.permissionSet : managedPolicyQuota;
  add(results, strategy, {
    bytes,
    byteBound: bound,
    statements,
    fewestStatements,
    documents: documents.length,
    documentsOverQuota: documents.filter((d) => policySize(d) > quota).length,
    principalsOverTenDocuments: documents.length > 10 ? 1 : 0,
    principalsWithinOneDocument: documents.length <= 1 ? 1 : 0,
  });
}

/** @param {readonly object[]} statements */
const document = (statements) =>
  parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }), 'bench');

/** These actions on everything; no document for none. @param {readonly string[]} actions */
const onAll = (actions) =>
  actions.length === 0 ? [] : [document([{ Effect: 'Allow', Action: [...new Set(actions)], Resource: '*' }])];

/** @param {Results} results @param {string} strategy @param {Tally} more */
function add({ tallies }, strategy, more) {
  const tally = tallies.get(strategy) ?? {};
  tallies.set(strategy, tally);
  for (const [key, n] of Object.entries(more)) tally[key] = (tally[key] ?? 0) + n;
}

/** @param {Results} results @param {string} kind @param {Use} use @param {string} who */
function note({ examples }, kind, { action, resource, behaviour, period }, who) {
  const list = examples.get(kind) ?? new Set();
  examples.set(kind, list);
  if (list.size < 15) list.add(`${who} [${behaviour} ${period}] ${action} ${resource}`);
}
