// Makes a synthetic account: 90 days of its CloudTrail logs as a trail delivers them, its current policies, and apart from
// them the truth: what each principal needs, what it used on which day, and which resources exist. All of it a function
// of the seed: node bench/synth-account.mjs SEED [FOLDER]
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { random } from './random.mjs';
import { DAYS, MAIN, QUIET, REGIONS, castOf } from './synth/cast.mjs';
import { authorizationDetails, levelOf, trailConfig } from './synth/current.mjs';
import { Diary, arnOf } from './synth/record.mjs';

/** Files of a day, account and Region, by the hour of their events. */
const DELIVERIES = ['0605', '1205', '1805', '2355'];

/** @param {number} seed @param {string} folder */
function writeAccount(seed, folder) {
  const cast = castOf(seed);
  const diary = new Diary(new Set([MAIN]));
  const r = random(seed * 31 + 7);
  for (const [index, day] of DAYS.entries()) {
    for (const { actor, behaviours, onDays } of cast) {
      for (const [n, behaviour] of behaviours.entries())
        if (onDays[n]?.includes(index)) diary.run(actor, behaviour, day, index);
      if (r.next() < 0.1) noise(diary, actor, day, index);
    }
    for (const account of [MAIN, QUIET])
      for (const region of REGIONS) diary.add(account, region, trailCheck(account, region, day, r));
    for (const [place, records] of diary.records) deliver(folder, place, day, records, r);
    diary.records.clear();
  }
  const write = (/** @type {string} */ name, /** @type {unknown} */ value) =>
    writeFileSync(join(folder, name), `${JSON.stringify(value)}\n`);
  write('authorization-details.json', authorizationDetails(seed, cast));
  for (const account of [MAIN, QUIET]) write(`trail-config-${account}.json`, trailConfig(account === MAIN));
  const uses = [...diary.uses.values()];
  const truth = {
    seed,
    days: DAYS,
    events: diary.events,
    principals: cast.map((member) => ({
      number: member.actor.number,
      kind: member.actor.kind,
      name: member.actor.name,
      account: member.actor.account,
      arn: arnOf(member.actor),
      currentLevel: levelOf(seed, member),
      behaviours: member.behaviours.map(({ name, period, truth }) => ({ name, period, truth })),
    })),
    universe: universeOf(cast, uses),
  };
  write('truth.json', truth);
  writeFileSync(join(folder, 'uses.ndjson'), uses.map((use) => `${JSON.stringify(use)}\n`).join(''));
  return { folder, truth, uses };
}

/** Calls that prove nothing: refused ones for things it does not hold, throttled ones. @param {Diary} diary @param {import('./synth/record.mjs').Actor} actor @param {string} day @param {number} index */
function noise(diary, actor, day, index) {
  const { r } = actor;
  diary.run(
    actor,
    {
      name: 'noise',
      period: 'daily',
      truth: [],
      neighbours: [],
      run: ({ do: make }) => {
        const kind = r.below(4);
        if (kind < 2)
          make({
            call: 'secretsmanager:GetSecretValue',
            request: { secretId: 'finance/ledger' },
            error: 'AccessDenied',
          });
        else if (kind === 2)
          make({ call: 'kms:CreateGrant', request: { keyId: r.uuid() }, error: 'AccessDenied', write: true });
        else make({ call: 'ecs:ListTasks', request: { cluster: 'batch' }, error: 'ThrottlingException' });
      },
    },
    day,
    index,
  );
}

/** CloudTrail looks after its bucket every day: so every account and Region has a delivery. @param {string} account @param {string} region @param {string} day @param {import('./random.mjs').Random} r */
const trailCheck = (account, region, day, r) => ({
  eventVersion: '1.11',
  userIdentity: { type: 'AWSService', invokedBy: 'cloudtrail.amazonaws.com' },
  eventTime: `${day}T00:03:00Z`,
  eventSource: 's3.amazonaws.com',
  eventName: 'GetBucketAcl',
  awsRegion: region,
  sourceIPAddress: 'cloudtrail.amazonaws.com',
  userAgent: 'cloudtrail.amazonaws.com',
  requestParameters: { bucketName: 'trail-logs', acl: '' },
  responseElements: null,
  requestID: r.uuid(),
  eventID: r.uuid(),
  readOnly: true,
  eventType: 'AwsApiCall',
  managementEvent: true,
  recipientAccountId: account,
  eventCategory: 'Management',
});

/** @param {string} folder @param {string} place @param {string} day @param {{ eventTime: string }[]} records @param {import('./random.mjs').Random} r */
function deliver(folder, place, day, records, r) {
  const [account = '', region = ''] = place.split(' ');
  const into = join(folder, 'trail/AWSLogs', account, 'CloudTrail', region, ...day.split('-'));
  mkdirSync(into, { recursive: true });
  for (const [n, stamp] of DELIVERIES.entries()) {
    const part = records.filter(({ eventTime }) => Math.floor(Number(eventTime.slice(11, 13)) / 6) === n);
    if (part.length === 0) continue;
    part.sort((a, b) => (a.eventTime < b.eventTime ? -1 : 1));
    const write = (/** @type {object[]} */ list) => {
      const name = `${account}_CloudTrail_${region}_${day.replaceAll('-', '')}T${stamp}Z_${r.hex(16)}.json.gz`;
      writeFileSync(join(into, name), gzipSync(JSON.stringify({ Records: list }), { level: 3 }));
    };
    write(part);
    // At least once, says CloudTrail: some files come again.
    if (r.next() < 0.01) write(part.toReversed());
  }
}

/** Things that exist in each account: neighbours of what is needed, and up to ten of each thing needed. @param {readonly import('./synth/cast.mjs').Member[]} cast @param {readonly import('./synth/record.mjs').Use[]} uses */
function universeOf(cast, uses) {
  /** @type {Map<string, Set<string>>} */
  const accounts = new Map([MAIN, QUIET].map((account) => [account, new Set()]));
  for (const { actor, behaviours } of cast)
    for (const { neighbours } of behaviours)
      for (const arn of neighbours) accounts.get(actor.account)?.add(arn);
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { actor, behaviour, action, resource } of uses) {
    const key = `${actor} ${behaviour} ${action}`;
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    if (resource.startsWith('arn:') && !/[*?]/.test(resource) && count < 10)
      accounts.get(cast[actor]?.actor.account ?? '')?.add(resource);
  }
  for (const known of accounts.values())
    for (const arn of Array.from(known))
      if (/^arn:aws:s3:::[^/]+\//.test(arn)) known.add(arn.slice(0, arn.indexOf('/')));
  return Object.fromEntries([...accounts].map(([account, arns]) => [account, [...arns].sort()]));
}

/** Makes the account of a seed anew. @param {number} seed */
export function makeAccount(seed, folder = fileURLToPath(new URL(`.data/synth-${seed}`, import.meta.url))) {
  rmSync(folder, { recursive: true, force: true });
  return writeAccount(seed, folder);
}

/** @typedef {ReturnType<typeof makeAccount>} Account */

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  const { folder, truth } = makeAccount(Number(argv[2] ?? 1), argv[3]);
  process.stdout.write(`${folder}: ${truth.events} events, ${truth.principals.length} principals\n`);
}
