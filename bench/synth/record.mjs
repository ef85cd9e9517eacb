// What principals of a synthetic account do: the CloudTrail records of a day, and apart from them the permissions
// each call truly needed, which the program under test never sees. Record fields:
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html

/** @typedef {import('../random.mjs').Random} Random */
/** @typedef {'daily' | 'weekly' | 'monthly'} Period */
/** @typedef {[action: string, resource: string, context?: Record<string, string[]>]} Need */
/**
 * @typedef {object} Actor One principal.
 * @property {number} number
 * @property {'role' | 'user' | 'permission-set'} kind
 * @property {string} name
 * @property {string} account
 * @property {string} region Where it works.
 * @property {string} team
 * @property {string} id `AROA…`, `AIDA…`
 * @property {Random} r Its own source of choices.
 */
/**
 * @typedef {object} Call One call. What is not said is that of an ordinary management call that succeeds.
 * @property {string} call `source:EventName`, the source as in eventSource.
 * @property {object | null} [request]
 * @property {object | null} [response]
 * @property {readonly object[]} [resources]
 * @property {boolean} [data] A data event: recorded only where the account records those.
 * @property {boolean} [silent] AWS records no event for it.
 * @property {boolean} [write]
 * @property {string} [error] An error code.
 * @property {string} [via] The service that made it with the principal's credentials.
 * @property {string} [region]
 * @property {readonly Need[]} [needs] Permissions without which it fails; none for calls that were refused or prove nothing.
 */
/**
 * @typedef {object} Behaviour Something a principal does again and again.
 * @property {string} name What kind.
 * @property {Period} period
 * @property {readonly [action: string, pattern: string][]} truth IAM patterns that name exactly what it may come to need.
 * @property {readonly string[]} neighbours ARNs of things that exist beside what it needs.
 * @property {(turn: Turn) => void} run
 */
/** @typedef {{ eventTime: string } & Record<string, unknown>} DeliveredRecord */
/** @typedef {{ day: string, index: number, do: (call: Call) => void }} Turn */
/** @typedef {{ actor: number, behaviour: string, period: Period, action: string, resource: string, context: Record<string, string[]>, logged: boolean, days: number[] }} Use */

/** @param {string} text A pattern with `*` and `?`. */
export const matcher = (text) =>
  new RegExp(
    `^${text
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '[^]*')
      .replaceAll('?', '[^]')}$`,
  );

/** @param {Actor} actor */
export const roleNameOf = (actor) =>
  actor.kind === 'permission-set'
    ? `AWSReservedSSO_${actor.name}_${actor.id.slice(4).toLowerCase()}`
    : actor.name;

/** @param {Actor} actor */
export function arnOf(actor) {
  if (actor.kind === 'user') return `arn:aws:iam::${actor.account}:user/${actor.name}`;
  const path = actor.kind === 'permission-set' ? 'aws-reserved/sso.amazonaws.com/' : '';
  return `arn:aws:iam::${actor.account}:role/${path}${roleNameOf(actor)}`;
}

/** @param {Actor} actor @param {string} session @param {string} since */
function identityOf(actor, session, since) {
  const { account, id } = actor;
  if (actor.kind === 'user') {
    return {
      type: 'IAMUser',
      principalId: id,
      arn: arnOf(actor),
      accountId: account,
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      userName: actor.name,
    };
  }
  const userName = roleNameOf(actor);
  return {
    type: 'AssumedRole',
    principalId: `${id}:${session}`,
    arn: `arn:aws:sts::${account}:assumed-role/${userName}/${session}`,
    accountId: account,
    accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
    sessionContext: {
      sessionIssuer: { type: 'Role', principalId: id, arn: arnOf(actor), accountId: account, userName },
      attributes: { creationDate: since, mfaAuthenticated: 'false' },
    },
  };
}

/** The records of one day, and the permissions used on all days. */
export class Diary {
  /** Records of the day by `account region`. @type {Map<string, DeliveredRecord[]>} */
  records = new Map();
  /** @type {Map<string, Use>} */
  uses = new Map();
  events = 0;
  #recordsData;

  /** @param {ReadonlySet<string>} recordsData Accounts whose trail records data events. */
  constructor(recordsData) {
    this.#recordsData = recordsData;
  }

  /** @param {Actor} actor @param {Behaviour} behaviour @param {string} day @param {number} index */
  run(actor, behaviour, day, index) {
    const patterns = behaviour.truth.map(([action, pattern]) => ({ action, matches: matcher(pattern) }));
    const since = `${day}T${String(actor.number % 24).padStart(2, '0')}:00:00Z`;
    const session =
      actor.kind === 'permission-set' ? `${actor.team}@example.com` : `${behaviour.name}-${actor.r.hex(8)}`;
    const identity = identityOf(actor, session, since);
    behaviour.run({
      day,
      index,
      do: (call) => {
        const isLogged = call.silent !== true && (call.data !== true || this.#recordsData.has(actor.account));
        if (isLogged) this.#record(actor, identity, day, call);
        for (const [action, resource, context = {}] of call.needs ?? []) {
          if (!patterns.some((truth) => truth.action === action && truth.matches.test(resource)))
            throw new Error(`${behaviour.name}: ${action} on ${resource} is not in its truth`);
          this.#use(actor, behaviour, index, {
            action,
            resource,
            context,
            logged: isLogged,
            region: call.region ?? actor.region,
          });
        }
      },
    });
  }

  /** @param {Actor} actor @param {Behaviour} behaviour @param {number} index @param {{ action: string, resource: string, context: Record<string, string[]>, logged: boolean, region: string }} use */
  #use(actor, { name, period }, index, { region, ...use }) {
    const context = { 'aws:requestedregion': [region], ...use.context };
    const key = JSON.stringify([actor.number, name, period, use.action, use.resource, context, use.logged]);
    const known = this.uses.get(key);
    if (!known)
      this.uses.set(key, { actor: actor.number, behaviour: name, period, ...use, context, days: [index] });
    else if (known.days.at(-1) !== index) known.days.push(index);
  }

  /** @param {Actor} actor @param {object} identity @param {string} day @param {Call} call */
  #record(actor, identity, day, { call, ...more }) {
    const { r, account } = actor;
    const [source = '', eventName = ''] = call.split(':');
    const region = more.region ?? actor.region;
    const clock = [24, 60, 60].map((n) => String(r.below(n)).padStart(2, '0')).join(':');
    this.add(account, region, {
      eventVersion: '1.11',
      userIdentity: more.via === undefined ? identity : { ...identity, invokedBy: more.via },
      eventTime: `${day}T${clock}Z`,
      eventSource: `${source}.amazonaws.com`,
      eventName,
      awsRegion: region,
      sourceIPAddress: more.via ?? `10.0.${r.below(8)}.${r.below(256)}`,
      userAgent: more.via ?? 'aws-sdk-java/2.31.9 md/io#sync os/Linux lang/java#21.0.6',
      ...(more.error === undefined ? {} : { errorCode: more.error, errorMessage: 'Refused or failed' }),
      requestParameters: more.request ?? null,
      responseElements: more.error === undefined ? (more.response ?? null) : null,
      requestID: r.uuid(),
      eventID: r.uuid(),
      readOnly: more.write !== true,
      ...(more.resources ? { resources: more.resources } : {}),
      eventType: 'AwsApiCall',
      managementEvent: more.data !== true,
      recipientAccountId: account,
      eventCategory: more.data === true ? 'Data' : 'Management',
    });
  }

  /** @param {string} account @param {string} region @param {DeliveredRecord} record */
  add(account, region, record) {
    const place = `${account} ${region}`;
    const list = this.records.get(place);
    if (list) list.push(record);
    else this.records.set(place, [record]);
    this.events++;
  }
}
