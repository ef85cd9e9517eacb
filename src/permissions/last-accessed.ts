import { dayOfTime } from '../iam/days.ts';
import { InputError, parsedJson } from '../iam/input-error.ts';
import { isObject, objectsOf, textOfJson, type JsonObject } from '../iam/json.ts';
import { parseTime } from '../cloudtrail/record.ts';
import { observabilityOf } from './observability.ts';

/** What AWS says of one service that a principal may use. */
interface ServiceAccess {
  /** IAM prefix. */
  readonly service: string;
  /** Day since 1970 of the last try, denied ones too; undefined for none in the tracking period. */
  readonly lastDay: number | undefined;
  /** By lower-cased action name without its prefix; only what AWS tracks by action, and only at that granularity. */
  readonly actions: ReadonlyMap<string, number | undefined>;
}

/**
 * IAM's service last accessed data of one principal: the only witness of what no event shows. Denied tries count, at most 400
 * days are tracked, and the last four hours are missing.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
 */
export interface LastAccessed {
  /** Of the role or user; '' where the data do not say whose they are. */
  readonly arn: string;
  /** Day since 1970 on which AWS made the report. */
  readonly day: number;
  /** By IAM prefix; a service that is not here is not one that the principal's policies name, and says nothing. */
  readonly services: ReadonlyMap<string, ServiceAccess>;
}

const how =
  'give the output of: aws iam get-service-last-accessed-details --job-id ID, of several principals an object by their ARNs';

/**
 * Reads the answer of `aws iam get-service-last-accessed-details`, or an object of such answers by the ARN they are of.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html
 * @throws InputError when it is something else, or a report that AWS had not ended
 */
export function parseLastAccessed(text: string, source: string): readonly LastAccessed[] {
  const json = parsedJson(text, source, how);
  if (!isObject(json)) throw new InputError(`${source}: not a report of last accessed services; ${how}`);
  if ('ServicesLastAccessed' in json || 'JobStatus' in json) return [lastAccessedOf('', json, source)];
  const entries = Object.entries(json);
  if (entries.length === 0) throw new InputError(`${source}: empty; ${how}`);
  return entries.map(([arn, report]) => {
    if (!/^arn:[^:]+:iam::\d{12}:(role|user)\//.test(arn) || !isObject(report))
      throw new InputError(`${source}: ${JSON.stringify(arn)} is not the ARN of a role or user; ${how}`);
    return lastAccessedOf(arn, report, `${source}: ${arn}`);
  });
}

/** The report of a principal, as the AWS command line prints it. @throws InputError when AWS had not ended it */
export function lastAccessedOf(arn: string, report: JsonObject, source: string): LastAccessed {
  const status = report['JobStatus'] ?? 'COMPLETED';
  if (status !== 'COMPLETED')
    throw new InputError(
      `${source}: the report is ${JSON.stringify(status)}; ask for it again when it is COMPLETED`,
    );
  if (report['IsTruncated'] === true)
    throw new InputError(`${source}: a part of a report; ask for all of it, without --max-items`);
  const made = dayIn(report['JobCompletionDate']) ?? dayIn(report['JobCreationDate']);
  const list = report['ServicesLastAccessed'];
  if (made === undefined || !Array.isArray(list))
    throw new InputError(`${source}: no "JobCompletionDate" or no "ServicesLastAccessed"; ${how}`);
  return {
    arn,
    day: made,
    services: new Map(
      objectsOf(list).flatMap((entry) => {
        const service = entry['ServiceNamespace'];
        return typeof service === 'string' ? [[service, serviceAccess(service, entry)] as const] : [];
      }),
    ),
  };
}

function serviceAccess(service: string, entry: JsonObject): ServiceAccess {
  return {
    service,
    lastDay: dayIn(entry['LastAuthenticated']),
    actions: new Map(
      objectsOf(entry['TrackedActionsLastAccessed']).map((action) => [
        textOfJson(action['ActionName']).toLowerCase(),
        dayIn(action['LastAccessedTime']),
      ]),
    ),
  };
}

/** The UTC day of a time as AWS writes it; undefined for anything else. */
export function dayIn(value: unknown): number | undefined {
  const time = parseTime(value);
  return time === undefined ? undefined : dayOfTime(time);
}

/** What is decided outside API calls, or for other services: a report does not count it as access to its service. */
const unseenByReports =
  /^(iam:passrole|dax:|rds-db:connect$|kms:(decrypt|encrypt|generatedatakey|reencrypt|creategrant))/;

/** What the index says beside the report. */
interface Sight {
  /** Day since 1970 on which the coverage that a removal rests on begins. */
  readonly since: number;
  /** Whether the window holds any call of the action's service. */
  readonly isSeen: boolean;
}

/**
 * What last accessed data say of a permission (`s3:CreateBucket`): `used-before` where its service was used in the tracking
 * period, by action where AWS tracks it, and the window shows no call of it; `unused` where AWS saw no access since before the
 * coverage began, which also releases what no event shows. Undefined where they say nothing: of a service that the report
 * does not list, of what is no access to its own service or no API call at all, and of a report from before the coverage.
 */
export function testimony(
  { services, day }: LastAccessed,
  action: string,
  { since, isSeen }: Sight,
): 'used-before' | 'unused' | undefined {
  const lower = action.toLowerCase();
  const colon = lower.indexOf(':');
  const service = services.get(lower.slice(0, colon));
  if (service === undefined || unseenByReports.test(lower)) return undefined;
  const name = lower.slice(colon + 1);
  const isTracked = service.actions.has(name);
  const last = isTracked ? service.actions.get(name) : service.lastDay;
  if (last !== undefined && (isTracked ? last < since : !isSeen)) return 'used-before';
  const isUnused = day >= since && (last === undefined || last < since);
  return isUnused && observabilityOf(action).operations.length > 0 ? 'unused' : undefined;
}
