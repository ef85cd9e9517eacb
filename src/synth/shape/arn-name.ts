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
export const untyped: Readonly<Record<string, string>> = { s3: 'bucket', sns: 'topic', sqs: 'queue' };

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
  const noun = untyped[service];
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
