/**
 * A resource pattern cut where folding may begin: `head` says which kind of thing it is and what it belongs to (bucket, cluster,
 * log group, account, Region), `name` is what it is called there, `tail` what ends every name of the type.
 */
export interface ArnName {
  readonly head: string;
  readonly name: string;
  /** Of a log group `:*` where its streams are meant, of a secret the random characters that AWS adds; else ''. */
  readonly tail: string;
  /** IAM prefix and type (`ec2:instance`, `s3:object`, `logs:log-stream`). */
  readonly type: string;
  /** Whether the name is a path of its owner's making, whose folders mean something: object keys, streams, parameters. */
  readonly isPath: boolean;
  /** All of the type, in the account and Region. */
  readonly all: string;
}

/** ARNs of these services begin with the name, without a word for its type. */
export const untyped: ReadonlyMap<string, string> = new Map([
  ['s3', 'bucket'],
  ['sns', 'topic'],
  ['sqs', 'queue'],
]);

const arn = /^(arn:[^:]*:([^:]*):[^:]*:[^:]*:)(.*)$/s;

/** Cuts a resource pattern; undefined for `*` and for what names nothing. */
export function arnName(resource: string): ArnName | undefined {
  const [, start, service, rest] = arn.exec(resource) ?? [];
  if (start === undefined || service === undefined || rest === undefined || rest === '*') return undefined;
  const cut = (type: string, head: string, name: string, more: Partial<ArnName> = {}): ArnName => ({
    head: start + head,
    name,
    tail: '',
    type: `${service}:${type}`,
    isPath: false,
    all: `${start}${rest.slice(0, type.length + 1)}*`,
    ...more,
  });
  const noun = untyped.get(service);
  const slash = rest.indexOf('/');
  if (service === 's3' && slash >= 0) {
    if (/^(accesspoint|job|storage-lens)\b/.test(rest)) return undefined;
    const all = `${start}*/*`;
    return cut('object', rest.slice(0, slash + 1), rest.slice(slash + 1), { isPath: true, all });
  }
  if (noun !== undefined) return cut(noun, '', rest, { all: `${start}*` });
  const stream = /^(log-group:.*:log-stream:)(.+)$/s.exec(rest);
  if (service === 'logs' && stream) {
    const all = `${start}log-group:*:log-stream:*`;
    return cut('log-stream', String(stream[1]), String(stream[2]), { isPath: true, all });
  }
  const type = /^[A-Za-z0-9_-]+(?=[/:])/.exec(rest)?.[0];
  if (type === undefined) return undefined;
  if (service === 'ssm' && type === 'parameter')
    return cut(type, 'parameter/', rest.slice('parameter/'.length), { isPath: true });
  const tail =
    service === 'logs' && type === 'log-group'
      ? (/:\*$/.exec(rest)?.[0] ?? '')
      : service === 'secretsmanager'
        ? (/-(?:[A-Za-z0-9]{6}|\?{6})$/.exec(rest)?.[0] ?? '')
        : '';
  const whole = rest.slice(0, rest.length - tail.length);
  // What stands between the type and the last part is what the thing belongs to: a cluster, a stack, a state machine.
  const last = Math.max(whole.lastIndexOf('/'), whole.lastIndexOf(':')) + 1;
  return last < whole.length ? cut(type, whole.slice(0, last), whole.slice(last), { tail }) : undefined;
}

/** What machines put into names: each becomes `*` at its place. Tried in order; a name's own words stay. */
const parts: readonly RegExp[] = [
  // A path of dates: 2026/03/02, 2026/03/02/14.
  /(?<![0-9])(?:19|20)\d\d\/(?:0[1-9]|1[0-2])(?:\/\d\d){0,3}(?![0-9])/g,
  // Partitions by time: year=2026/month=03/day=02, dt=…
  /(?<=(?<![A-Za-z])(?:y|yyyy|year|m|mm|month|d|dd|day|h|hh|hour|dt|date)=)[0-9][0-9T:Z.-]*/gi,
  // UUIDs.
  /[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}/g,
  // Dates and times: 2026-03-02, 2026-03-02T14:05:00Z, 20260302T1405Z.
  /(?<![0-9])(?:19|20)\d\d-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])(?:[T_-]?\d{2}[:-]?\d{2}(?:[:-]?\d{2})?(?:\.\d+)?Z?)?(?![0-9])/g,
  // Months, weeks and quarters: 2026-03, 2026-W10, 2026-Q1.
  /(?<![0-9])(?:19|20)\d\d-(?:0[1-9]|1[0-2]|W[0-5]\d|Q[1-4])(?![0-9])/g,
  // Hexadecimal ids and hashes, at least eight characters with a digit among them: i-0123456789abcdef0, digests.
  /(?<![A-Za-z0-9])(?=[a-fA-F]*[0-9])[0-9a-fA-F]{8,}(?![A-Za-z0-9])/g,
  // Random ids of letters and digits, at least sixteen characters with three digits among them.
  /(?<![A-Za-z0-9])(?=(?:[A-Za-z]*[0-9]){3})(?=[0-9]*[A-Za-z])[A-Za-z0-9]{16,}(?![A-Za-z0-9])/g,
  // Counters and time stamps, at least four digits; a letter may stand before them: build-20417, v78866.
  /(?<=(?<![A-Za-z0-9])[A-Za-z]?)[0-9]{4,}(?![A-Za-z0-9])/g,
  // Folders that shard hashes: c0/a2/ before a hash.
  /(?<=^|\/)(?:[0-9a-f]{2}\/)+(?=\*)/g,
];

/** An escape of IAM's language, which stands for one character of the name. */
const escape = /(\$\{[*?$]\})/;

/**
 * A name with its machine-made parts as `*`; the name itself when it has none. Escapes (`${*}`) are left alone.
 * Applying it twice changes nothing.
 */
export function machineMade(name: string): string {
  const pattern = name
    .split(escape)
    .map((text, i) => (i % 2 === 1 ? text : parts.reduce((made, part) => made.replace(part, '*'), text)))
    .join('');
  // `*` crosses `/`, so that a run of starred segments says no more than one star.
  return pattern === name ? name : pattern.replace(/\*(?:[/:_.-]?\*)+/g, '*');
}

/** A name with its numbers as `*`: what `secret-0` and `secret-19` share. */
export const counted = (name: string): string =>
  name
    .split(escape)
    .map((text, i) =>
      i % 2 === 1 ? text : text.replace(/(?<=(?<![A-Za-z0-9])[A-Za-z]?)[0-9]+(?![A-Za-z0-9])/g, '*'),
    )
    .join('');
