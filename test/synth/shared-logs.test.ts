import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canHoldPolicies, type Identity } from '../../src/cloudtrail/identity.ts';
import { outputTree } from '../../src/emit/tree.ts';
import { isObject, type JsonObject } from '../../src/iam/json.ts';
import { groupBy } from '../../src/iam/order.ts';
import { parsePolicy, type PolicyDocument, type Statement } from '../../src/iam/policy/policy.ts';
import { toJson } from '../../src/iam/policy/policy-json.ts';
import { IndexReader } from '../../src/store/reader.ts';
import { propose } from '../../src/synth/generate.ts';
import type { Proposal } from '../../src/synth/proposal.ts';
import { Observation } from '../../src/synth/usage/observation.ts';
import { Replay } from '../../src/synth/proof/replay.ts';
import { run, temporaryFolder } from '../cli/cli.ts';
import { load } from '../ingest/trail.ts';
import { sharedPath } from '../shared.ts';

const logs = sharedPath('cloudtrail', 'logs') ?? '';
const folder = temporaryFolder();
const db = join(folder, 'all.db');
const tree = join(folder, 'policies');

const filesIn = (root: string): readonly string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => join(root, name))
    .filter((file) => statSync(file).isFile())
    .sort();

/** About as many of a list, evenly taken. */
const spread = <T>(list: readonly T[], count: number): readonly T[] => {
  const step = Math.max(1, Math.floor(list.length / count));
  return list.filter((_, i) => i % step === 0);
};

/** `generate --all --json`, a line for each principal, without what counts deliveries. */
function lines(index: string, ...flags: readonly string[]): readonly JsonObject[] {
  const { out, code } = run(['generate', '--all', '--json', '--db', index, ...flags]);
  expect(code).toBe(0);
  return out
    .trimEnd()
    .split('\n')
    .map((line) => {
      const json: unknown = JSON.parse(line.replace(/"callsAsDelivered":\d+/g, '"callsAsDelivered":0'));
      if (!isObject(json)) throw new Error(line);
      return json;
    });
}

/** Lines without what tells of single events. */
const plain = (list: readonly JsonObject[]): readonly string[] =>
  list.map((line) =>
    JSON.stringify(line, (key, value: unknown) =>
      /^(sampleEventID|evidence)$/.test(key) ? undefined : value,
    ),
  );

describe.skipIf(logs === '')('policies of real logs', () => {
  let index: IndexReader;
  let proposals: readonly { readonly proposal: Proposal; readonly strategy: 'exact' | 'balanced' }[];

  beforeAll(() => {
    run(['ingest', logs, '--db', db, '--quiet']);
    run(['generate', '--all', '--db', db, '--out', tree]);
    index = IndexReader.open(db);
    const observation = new Observation(index, undefined, []);
    proposals = observation.identities
      .filter(({ kind }) => canHoldPolicies(kind))
      .flatMap((identity) =>
        (['exact', 'balanced'] as const).map((strategy) => ({
          strategy,
          proposal: proposalOf(observation, identity, strategy),
        })),
      );
  });
  afterAll(() => index.close());

  test('every proof adds up and denies nothing, and who used something has a policy', () => {
    expect(proposals.length).toBeGreaterThan(100);
    for (const { proposal } of proposals) {
      const { uses, callsAsDelivered: _, callsAtMost: _atMost, ...parts } = proposal.proof;
      expect(Object.values<number>(parts).reduce((a, b) => a + b)).toBe(uses);
      expect(parts).toMatchObject({ denied: 0, grantedElsewhere: 0, undetermined: 0 });
      expect(proposal.documents.length > 0).toBe(parts.allowed > 0);
    }
  });

  test('no action and no resource can be taken away without denying a use', () => {
    const needless = proposals.flatMap(({ proposal, strategy }) => {
      const uses = groupBy(proposal.verdicts.uses, ({ action }) => action);
      // Of one principal with a thousand of them a part is enough.
      return spread(removals(proposal.documents), 300).flatMap(({ left, what, of }) => {
        const replay = new Replay([{ version: '2012-10-17', statements: left }]);
        const actions = of.actions.patterns.includes(what) ? [what] : of.actions.patterns;
        const concerned = actions.flatMap((action) => uses.get(action) ?? []);
        const isNeeded = concerned.some((use) => replay.verdict(use).kind === 'denied');
        return isNeeded ? [] : [`${strategy} ${proposal.identity.name}: ${what} of ${JSON.stringify(of)}`];
      });
    });
    expect(needless).toEqual([]);
  });

  test('the files written allow what was used, and verify finds what is missing', () => {
    const balanced = proposals.filter(
      ({ strategy, proposal }) => strategy === 'balanced' && proposal.documents.length > 0,
    );
    for (const { proposal } of balanced) {
      const replay = new Replay(
        filesOf(proposal).map((file) => parsePolicy(readFileSync(file, 'utf8'), file)),
      );
      expect(proposal.verdicts.uses.filter((use) => replay.verdict(use).kind !== 'allowed')).toEqual([]);
    }
    const known = balanced.filter(
      ({ proposal: { identity, documents } }) => identity.arn !== '' && removals(documents).length > 2,
    );
    let cuts = 0;
    for (const [i, { proposal }] of spread(known, 40).entries()) {
      const verify = ['verify', '--db', db, '--principal', proposal.identity.arn, '--policy'];
      expect(run([...verify, ...filesOf(proposal)])).toMatchObject({ code: 0, err: '' });
      const all = removals(proposal.documents);
      const { left = [], rest = [] } = all[(i * 7) % all.length] ?? {};
      const statements = [...left, ...rest];
      if (statements.length === 0) continue;
      const cut = join(folder, 'cut.json');
      writeFileSync(cut, toJson({ version: '2012-10-17', statements }));
      expect(run([...verify, cut])).toMatchObject({ code: 1, err: '' });
      cuts++;
    }
    expect(cuts).toBeGreaterThanOrEqual(30);
  }, 300_000);

  test('writing again changes no byte and touches no file', () => {
    const files = filesIn(tree);
    for (const file of files) utimesSync(file, 1000, 1000);
    const before = files.map((file) => readFileSync(file, 'utf8'));
    expect(run(['generate', '--all', '--db', db, '--out', tree]).code).toBe(0);
    expect(filesIn(tree)).toEqual(files);
    expect(files.map((file) => readFileSync(file, 'utf8'))).toEqual(before);
    expect(files.filter((file) => statSync(file).mtimeMs !== 1_000_000)).toEqual([]);
    expect(run(['generate', '--all', '--db', db, '--out', tree, '--check']).code).toBe(0);
  });

  test('the order in which logs arrive changes nothing', async () => {
    const together = lines(db);
    for (const seed of [1, 2, 3]) {
      const into = join(folder, `order-${seed}.db`);
      for (const file of shuffled(filesIn(logs), seed)) await load(into, [file]);
      expect(lines(into)).toEqual(together);
    }
  });

  test('a window is an index of only those days', () => {
    const window = ['--since', '2024-07-31', '--until', '2024-08-01'];
    const some = join(folder, 'some');
    mkdirSync(some);
    for (const [i, file] of filesIn(logs).entries()) {
      const records = recordsIn(file).filter(({ eventTime }) =>
        /^2024-(07-31|08-01)/.test(String(eventTime)),
      );
      writeFileSync(join(some, `${i}.json`), JSON.stringify({ Records: records }));
    }
    const less = join(folder, 'some.db');
    run(['ingest', some, '--db', less, '--quiet']);
    const whole = new Set(plain(lines(db, ...window)));
    const part = plain(lines(less, ...window));
    expect(part.length).toBeGreaterThan(20);
    expect(part.filter((line) => !whole.has(line))).toEqual([]);
  });
});

function proposalOf(observation: Observation, identity: Identity, strategy: 'exact' | 'balanced'): Proposal {
  const window = observation.covered(identity);
  return propose({
    identity,
    observed: observation.observed(identity, window),
    today: undefined,
    strategy,
    unobservable: 'keep',
    trails: undefined,
    deliveries: observation.deliveries(window),
    window,
    gaps: observation.gaps(identity, window),
    covered: 0,
    minWindow: 0,
  });
}

const filesOf = (proposal: Proposal): readonly string[] =>
  outputTree(proposal, 'json').policies.map(({ path }) => join(tree, ...path));

/** The same order for the same seed. */
function shuffled<T>(list: readonly T[], seed: number): readonly T[] {
  let state = seed;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647);
  return list
    .map((item) => ({ item, at: next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

function recordsIn(file: string): readonly JsonObject[] {
  const bytes = readFileSync(file);
  const json: unknown = JSON.parse((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
  return isObject(json) && Array.isArray(json['Records']) ? json['Records'].filter(isObject) : [];
}

interface Removal {
  /** The statement changed, and the others that speak of its actions. */
  readonly left: readonly Statement[];
  /** The statements that speak of other actions. */
  readonly rest: readonly Statement[];
  readonly what: string;
  readonly of: Statement;
}

/** Each way to take one action or one resource away. */
function removals(documents: readonly PolicyDocument[]): readonly Removal[] {
  const all = documents.flatMap(({ statements }) => statements);
  return all.flatMap((of) => {
    const others = all.filter(
      (other) => other !== of && other.actions.patterns.some((a) => of.actions.patterns.includes(a)),
    );
    const rest = all.filter((other) => other !== of && !others.includes(other));
    return (['actions', 'resources'] as const).flatMap((part) =>
      of[part].patterns.map((what) => ({ left: [...without(of, part, what), ...others], rest, what, of })),
    );
  });
}

function without(statement: Statement, part: 'actions' | 'resources', what: string): readonly Statement[] {
  const patterns = statement[part].patterns.filter((text) => text !== what);
  return patterns.length === 0 ? [] : [{ ...statement, [part]: { ...statement[part], patterns } }];
}
