// Behaviours on S3, with KMS behind it.
import { Buffer } from 'node:buffer';

/** @typedef {import('./record.mjs').Actor} Actor */
/** @typedef {import('./record.mjs').Behaviour} Behaviour */
/** @typedef {import('./record.mjs').Call} Call */
/** @typedef {import('./record.mjs').Period} Period */
/** @typedef {import('./record.mjs').Turn} Turn */

/** @param {Actor} actor @param {string} service @param {string} rest */
export const arn = ({ region, account }, service, rest) => `arn:aws:${service}:${region}:${account}:${rest}`;

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const pad = (/** @type {number} */ n, /** @type {number} */ width) => String(n).padStart(width, '0');

/** The bucket of a team in an account. @param {Actor} actor @param {string} use */
export const bucketOf = ({ team, account, region }, use) => `${team}-${use}-${account.slice(-4)}-${region}`;

/** The key with which a team's buckets are encrypted. @param {Actor} actor */
export const keyOf = (actor) => {
  const digits = Buffer.from(`${actor.team.slice(0, 2)}${actor.region.slice(0, 2)}`).toString('hex');
  return arn(actor, 'kms', `key/${digits}-40ab-4b6f-9a3c-5d1e0f2a6b84`);
};

/**
 * One S3 object call.
 * @param {Actor} actor @param {string} eventName @param {string} bucket @param {string} key @param {Partial<Call>} more
 * @returns {Call}
 */
export function objectCall(actor, eventName, bucket, key, more = {}) {
  const resource = `arn:aws:s3:::${bucket}/${key}`;
  return {
    call: `s3:${eventName}`,
    request: { bucketName: bucket, Host: `${bucket}.s3.${actor.region}.amazonaws.com`, key },
    resources: [
      { type: 'AWS::S3::Object', ARN: resource },
      { accountId: actor.account, type: 'AWS::S3::Bucket', ARN: `arn:aws:s3:::${bucket}` },
    ],
    data: true,
    write: !/^(Get|Head)/.test(eventName),
    needs: [[`s3:${eventName}`, resource]],
    ...more,
  };
}

/** @param {string} bucket @param {string} prefix @returns {Call} */
export function listCall(bucket, prefix) {
  return {
    call: 's3:ListObjects',
    request: { 'list-type': '2', bucketName: bucket, prefix },
    resources: [
      { type: 'AWS::S3::Object', ARNPrefix: `arn:aws:s3:::${bucket}/${prefix}` },
      { type: 'AWS::S3::Bucket', ARN: `arn:aws:s3:::${bucket}` },
    ],
    data: true,
    needs: [['s3:ListBucket', `arn:aws:s3:::${bucket}`]],
  };
}

/** KMS called by S3 for the caller: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html @param {Actor} actor @param {'Decrypt' | 'GenerateDataKey'} name @param {string} bucket @returns {Call} */
function keyCall(actor, name, bucket) {
  const key = keyOf(actor);
  return {
    call: `kms:${name}`,
    request: {
      ...(name === 'Decrypt' ? {} : { keyId: key, keySpec: 'AES_256' }),
      encryptionContext: { 'aws:s3:arn': `arn:aws:s3:::${bucket}` },
    },
    resources: [{ accountId: actor.account, type: 'AWS::KMS::Key', ARN: key }],
    via: 'AWS Internal',
    needs: [[`kms:${name}`, key, { 'kms:viaservice': [`s3.${actor.region}.amazonaws.com`] }]],
  };
}

/** Ways to name objects after the day. */
const dated = [
  '{Y}/{M}/{D}/part-{n}.parquet',
  'dt={Y}-{M}-{D}/{uuid}.json',
  'year={Y}/month={M}/day={D}/{n}.gz',
  'report-{Y}-{M}-{D}.csv',
  '{Y}{M}{D}/{word}.csv',
];
/** Ways to name objects that nobody names by hand. */
const named = [
  '{uuid}',
  '{hex32}.jpg',
  '{ulid}.json',
  'tenant-{k}/{uuid}.pdf',
  '{h2}/{h2}/{hex40}',
  'user-{id}/avatar.png',
];
/** Ways to count; and the pattern that says it. */
const counted = [
  ['order-{c}.json', 'order-*.json'],
  ['{c}.txt', '*.txt'],
  ['batch_{c6}.csv', 'batch_*.csv'],
  ['v{c}/bundle.zip', 'v*/bundle.zip'],
];
const words = ['north', 'south', 'east', 'west', 'total'];

/** @param {string} style @param {Actor} actor @param {string} day @param {number} n @param {number} index */
function keyName(style, { r }, day, n, index) {
  const [Y = '', M = '', D = ''] = day.split('-');
  return style.replaceAll(/\{(\w+)\}/g, (_, part) => {
    switch (part) {
      case 'Y':
        return Y;
      case 'M':
        return M;
      case 'D':
        return D;
      case 'n':
        return pad(n, 5);
      case 'word':
        return words[n % words.length] ?? '';
      case 'uuid':
        return r.uuid();
      case 'hex32':
        return r.hex(32);
      case 'hex40':
        return r.hex(40);
      case 'h2':
        return r.hex(2);
      case 'ulid':
        return `01J${Array.from({ length: 23 }, () => alphabet[r.below(32)]).join('')}`;
      case 'k':
        // New tenants come now and then.
        return String(1 + r.below(5 + (index >> 3)));
      default:
        return String(10_000 + r.below(90_000));
    }
  });
}

/** Objects that exist beside a prefix and are none of its business. @param {string} bucket @param {string} prefix */
const besides = (bucket, prefix) =>
  [
    `${prefix}/README.txt`,
    `${prefix}-private/payroll.csv`,
    'private/keys.json',
    'terraform.tfstate',
    `archive/${prefix}/2019/all.zip`,
  ].map((key) => `arn:aws:s3:::${bucket}/${key}`);

/** Growing names below a prefix: written or read, on an encrypted bucket or not. @param {Actor} actor @param {Period} period @param {'dates' | 'ids'} kind @returns {Behaviour} */
function growing(actor, period, kind) {
  const { r } = actor;
  const style = r.pick(kind === 'dates' ? dated : named);
  const bucket = bucketOf(actor, r.pick(['data', 'lake']));
  const prefix = r.pick(
    kind === 'dates' ? ['exports', 'raw/events', 'reports'] : ['uploads', 'media', 'inbox/files'],
  );
  const calls = r.pick([
    ['PutObject'],
    ['GetObject'],
    ['PutObject', 'GetObject'],
    ['GetObject', 'DeleteObject'],
  ]);
  const isEncrypted = r.next() < 0.5;
  const lists = r.next() < 0.5;
  const volume = kind === 'dates' ? 2 + r.below(6) : r.pick([3, 12, 12, 30, 130]);
  const within = `arn:aws:s3:::${bucket}/${prefix}/*`;
  return {
    name: `s3-${kind}`,
    period,
    truth: [
      ...calls.map((name) => /** @type {[string, string]} */ ([`s3:${name}`, within])),
      ...(lists ? [/** @type {[string, string]} */ (['s3:ListBucket', `arn:aws:s3:::${bucket}`])] : []),
      ...(isEncrypted
        ? ['kms:Decrypt', 'kms:GenerateDataKey'].map(
            (a) => /** @type {[string, string]} */ ([a, keyOf(actor)]),
          )
        : []),
    ],
    neighbours: besides(bucket, prefix),
    run({ day, index, do: make }) {
      if (lists) make(listCall(bucket, `${prefix}/`));
      if (isEncrypted && calls.includes('PutObject')) make(keyCall(actor, 'GenerateDataKey', bucket));
      if (isEncrypted && calls.includes('GetObject')) make(keyCall(actor, 'Decrypt', bucket));
      const names = new Set(Array.from({ length: volume }, (_, n) => keyName(style, actor, day, n, index)));
      for (const name of names)
        for (const call of calls) make(objectCall(actor, call, bucket, `${prefix}/${name}`));
    },
  };
}

/** @param {Actor} actor @param {Period} period */
export const s3Dates = (actor, period) => growing(actor, period, 'dates');
/** @param {Actor} actor @param {Period} period */
export const s3Ids = (actor, period) => growing(actor, period, 'ids');

/** Names that count up. @param {Actor} actor @param {Period} period @returns {Behaviour} */
export function s3Counter(actor, period) {
  const { r } = actor;
  const [style = '', pattern = ''] = r.pick(counted);
  const bucket = bucketOf(actor, 'intake');
  const call = r.pick(['GetObject', 'PutObject']);
  let counter = r.below(100_000);
  const volume = 1 + r.below(25);
  return {
    name: 's3-counter',
    period,
    truth: [[`s3:${call}`, `arn:aws:s3:::${bucket}/in/${pattern}`]],
    neighbours: besides(bucket, 'in'),
    run({ do: make }) {
      for (let n = 0; n < volume; n++) {
        counter++;
        const name = style.replace('{c}', String(counter)).replace('{c6}', pad(counter, 6));
        make(objectCall(actor, call, bucket, `in/${name}`));
      }
    },
  };
}

/** A few names that stay. @param {Actor} actor @param {Period} period @returns {Behaviour} */
export function s3Fixed(actor, period) {
  const { r } = actor;
  const bucket = bucketOf(actor, 'config');
  const names = ['settings.json', 'rates.csv', 'features.yaml', 'allow-list.txt', 'model-v3.bin'].slice(
    0,
    1 + r.below(5),
  );
  /** @type {[string, string][]} */
  const truth = names.map((name) => ['s3:GetObject', `arn:aws:s3:::${bucket}/config/${name}`]);
  truth.push(['s3:PutObject', `arn:aws:s3:::${bucket}/state/checkpoint.json`]);
  return {
    name: 's3-fixed',
    period,
    truth,
    neighbours: besides(bucket, 'config'),
    run({ do: make }) {
      for (const name of names)
        if (r.next() < 0.4) make(objectCall(actor, 'GetObject', bucket, `config/${name}`));
      make(objectCall(actor, 'PutObject', bucket, 'state/checkpoint.json'));
    },
  };
}
