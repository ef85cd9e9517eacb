/**
 * A resource pattern cut where folding may begin: `head` says which kind of thing it is and what it belongs to
 * (bucket, cluster, log group, account, Region) and never changes; `name` is what it is called there.
 */
export interface ArnName {
  readonly head: string;
  readonly name: string;
  /** IAM prefix and type (`ec2:instance`, `s3:object`, `logs:log-stream`). */
  readonly type: string;
  /** Whether the name is a path of its owner's making, whose folders mean something: object keys, streams, parameters. */
  readonly isPath: boolean;
}

const arn = /^(arn:[^:]*:([^:]*):[^:]*:[^:]*:)(.*)$/s;

/** Cuts a resource pattern; undefined for `*` and for things that are parents themselves. */
export function arnName(resource: string): ArnName | undefined {
  const [, start, service, rest] = arn.exec(resource) ?? [];
  if (start === undefined || service === undefined || rest === undefined) return undefined;
  if (service === 's3') {
    const slash = rest.indexOf('/');
    if (slash < 0 || /^(accesspoint|job|storage-lens)\b/.test(rest)) return undefined;
    return {
      head: start + rest.slice(0, slash + 1),
      name: rest.slice(slash + 1),
      type: 's3:object',
      isPath: true,
    };
  }
  const stream = /^(log-group:.*:log-stream:)(.+)$/s.exec(rest);
  if (service === 'logs' && stream)
    return {
      head: start + String(stream[1]),
      name: String(stream[2]),
      type: 'logs:log-stream',
      isPath: true,
    };
  const type = /^[A-Za-z0-9_-]+(?=[/:])/.exec(rest)?.[0];
  if (type === undefined) return undefined;
  if (service === 'ssm' && type === 'parameter') {
    return {
      head: `${start}parameter/`,
      name: rest.slice('parameter/'.length),
      type: 'ssm:parameter',
      isPath: true,
    };
  }
  // What stands between the type and the last part is what the thing belongs to: a cluster, a stack, a state machine.
  const last = Math.max(rest.lastIndexOf('/'), rest.lastIndexOf(':')) + 1;
  return last < rest.length
    ? { head: start + rest.slice(0, last), name: rest.slice(last), type: `${service}:${type}`, isPath: false }
    : undefined;
}
