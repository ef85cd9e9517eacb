import { InputError } from '../iam/input-error.ts';
import { isObject } from '../iam/json.ts';
import { notices } from './configuration/notices.ts';

/** After so many milliseconds it is said what is waited for, again and again. */
const waitMillis = 15_000;

/** Codes of Node.js for a peer that cannot be reached. */
export const unreachable: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
]);

/** The same, and for one that hangs up. */
const networkCodes = new Set([...unreachable, 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT']);

/** https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html, and how services spell them. */
const expired = /^(?:ExpiredToken(?:Exception)?|RequestExpired)$/;
const refusedKey =
  /^(?:InvalidClientTokenId|UnrecognizedClient(?:Exception)?|SignatureDoesNotMatch|InvalidSignature(?:Exception)?|IncompleteSignature(?:Exception)?|AuthFailure|InvalidAccessKeyId|MissingAuthenticationToken(?:Exception)?|OptInRequired)$/;
const refused = /^(?:AccessDenied(?:Exception)?|UnauthorizedOperation|AuthorizationError)$/;
const throttled =
  /^(?:Throttling(?:Exception)?|ThrottledException|TooManyRequestsException|RequestLimitExceeded|SlowDown|ServiceUnavailable|LimitExceededException)$/;

/**
 * An error of the SDK as one line that says what to do; what is no failure of AWS, the network or the configuration as it is: a bug.
 * @param on the object that the IAM action was tried on; '' where the action says enough
 */
export function awsFailure(error: unknown, action: string, on = ''): unknown {
  if (!(error instanceof Error) || error instanceof InputError) return error;
  const line = explained(error, action, on === '' ? '' : ` for ${on}`);
  return line === undefined ? error : new InputError(line, { cause: error });
}

/**
 * What a request to AWS answers; its failure becomes one line, as `awsFailure` says.
 * @param required members that every answer of AWS has, empty lists too: one without them comes from something else on the way
 */
export async function asked<T extends object>(
  action: string,
  request: () => Promise<T>,
  required: readonly (keyof T & string)[] = [],
): Promise<T> {
  const waiting = setInterval(() => notices.tell(`still waiting for ${action}`), waitMillis);
  try {
    return complete(await request(), action, required);
  } catch (error) {
    throw awsFailure(error, action);
  } finally {
    clearInterval(waiting);
  }
}

/** An answer; undefined where AWS says by this error that there is no such thing, any more. */
export async function orGone<T>(
  answer: Promise<T>,
  gone: abstract new (...args: never[]) => Error,
): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof InputError && error.cause instanceof gone) return undefined;
    throw error;
  }
}

/**
 * All answers of a request that gives them page by page.
 * @param next what to ask for the next page with, undefined on the last; '' where there is one and it is not said where
 */
export async function* pagesOf<T extends object>(
  action: string,
  request: (token: string | undefined) => Promise<T>,
  required: readonly (keyof T & string)[],
  next: (page: T) => string | undefined,
): AsyncGenerator<T> {
  let token: string | undefined;
  do {
    const from = token;
    const page = await asked(action, () => request(from), required);
    yield page;
    token = next(page);
    if (token === '' || (token !== undefined && token === from))
      throw new InputError(`AWS: ${action} says there is more and not where; try again`);
  } while (token !== undefined);
}

/** The answer, if it has all that it must have. @throws InputError */
export function complete<T extends object>(
  answer: T,
  action: string,
  required: readonly (keyof T & string)[],
): T {
  const lacking = required.filter((member) => answer[member] === undefined);
  if (lacking.length > 0) throw new InputError(notOfAws(action, answer, `it has no ${lacking.join(', ')}`));
  return answer;
}

const notOfAws = (action: string, answer: object, why: string): string =>
  `AWS: ${action} got an answer that is not AWS's (HTTP ${statusOf(answer)}): ${why}; check proxies and AWS_ENDPOINT_URL, then try again`;

/** The HTTP status of an answer or error of the SDK; 0 where it has none. */
export function statusOf(answer: object): number {
  const metadata = '$metadata' in answer && isObject(answer.$metadata) ? answer.$metadata : {};
  return Number(metadata['httpStatusCode'] ?? 0);
}

function explained(error: Error, action: string, on: string): string | undefined {
  const { name, message } = error;
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError' || name === 'ProviderError') {
    // The SDK says the same for an expired sign-in and for none; its own words tell which.
    return `AWS: no usable credentials (${oneLine(message)}); sign in (aws sso login), set AWS_PROFILE or AWS_ACCESS_KEY_ID, or give --profile`;
  }
  const file = 'code' in error && 'path' in error && String(error.code).startsWith('E') ? error.path : '';
  if (file !== '')
    return `AWS: ${String(file)} cannot be read (${message.split(':')[0] ?? ''}); credentials are to come from it`;
  const network = networkFault(error);
  if (network !== undefined) {
    return `AWS: cannot be reached for ${action} (${network}); check the network, --region, AWS_ENDPOINT_URL and AWS_CA_BUNDLE`;
  }
  if (!('$metadata' in error)) return undefined;
  if (expired.test(name)) return `AWS: the credentials have expired (${name}); sign in again`;
  if (refusedKey.test(name))
    return `AWS: the credentials are not accepted (${name}); check --profile and the AWS_ variables`;
  if (refused.test(name)) return refusal(message, action, on);
  if (throttled.test(name))
    return `AWS: ${action} is throttled (${name}) in spite of retries; try again later`;
  const status = statusOf(error);
  // What the SDK cannot read of an answer that is none.
  if (status >= 200 && status < 300) return notOfAws(action, error, oneLine(message.split('\n')[0] ?? ''));
  return `AWS: ${action} failed${on}: ${oneLine(`${name}: ${message}`)} (HTTP ${status})`;
}

/** The action AWS names in its refusal may be another than the one called. */
function refusal(message: string, action: string, on: string): string {
  const key = /on resource: (arn:[^:]+:kms:\S{1,300})/.exec(message)?.[1];
  const named = /not authorized to perform: ([a-z0-9-]+:\w+)/i.exec(message)?.[1] ?? action;
  const who = /User: (arn:\S{1,600}) is not authorized/.exec(message)?.[1];
  const explicit = message.includes('explicit deny') ? ', by an explicit deny' : '';
  return `AWS: no permission for ${named}${key === undefined ? '' : ` on ${key}`}${on}${who === undefined ? '' : ` as ${who}`}${explicit}; allow ${named} to these credentials`;
}

/** What the network did, by the error or its causes: the SDK wraps them. Undefined when it did nothing. */
export function networkFault(error: Error): string | undefined {
  for (
    let cause: unknown = error, depth = 0;
    cause instanceof Error && depth < 5;
    cause = cause.cause, depth++
  ) {
    if (cause instanceof AggregateError) {
      const [first] = cause.errors
        .map((e: unknown) => (e instanceof Error ? networkFault(e) : undefined))
        .filter((f) => f !== undefined);
      if (first !== undefined) return first;
    }
    const code = 'code' in cause ? String(cause.code) : '';
    if (networkCodes.has(code) || /CERT|^ERR_(?:TLS|SSL)|^UNABLE_TO_/.test(code)) return code;
    if (cause.name === 'TimeoutError' || /socket hang up|^aborted$|terminated/.test(cause.message))
      return oneLine(`${cause.name}: ${cause.message}`);
  }
  return undefined;
}

/** At most 300 characters, in one line. */
export const oneLine = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
};
