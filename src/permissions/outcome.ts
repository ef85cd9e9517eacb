import { memo } from '../iam/memo.ts';
import type { ObservedCall } from '../cloudtrail/call.ts';

/** What an error code proves: `denied` refused for authorization; `failed` authorization had passed; `inconclusive` neither. */
export type CallOutcome = 'allowed' | 'denied' | 'failed' | 'inconclusive';

interface ErrorFamily {
  readonly outcome: CallOutcome;
  readonly codes: RegExp;
  /** The page that defines these codes. */
  readonly source: string;
}

/** First match counts. Codes compare lower-cased, without namespace and `Client.`/`Server.`. */
const families: readonly ErrorFamily[] = [
  {
    // Not who the caller is, or not yet: says nothing of what the caller may do.
    outcome: 'inconclusive',
    codes:
      /^(expiredtoken|invalidclienttokenid|unrecognizedclient|unauthorizedclient|signaturedoesnotmatch|incompletesignature|missingauthenticationtoken|invalidaccesskeyid|invalidtoken|authfailure|requestexpired|optinrequired|authorizationheadermalformed|authorizationquerypar)/,
    source: 'https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html',
  },
  {
    outcome: 'denied',
    codes:
      /accessdenied|accessforbidden|^forbidden|unauthori[sz]ed|authori[sz]ationerror|authori[sz]ationfail|notauthori[sz]ed|nopermission|insufficientpermission|insufficientprivilege|^permissiondenied/,
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html',
  },
  {
    outcome: 'inconclusive',
    codes:
      /throttl|requestlimitexceeded|toomanyrequests|slowdown|bandwidthlimit|ratelimit|provisionedthroughput|serviceunavailable|internal(error|failure|server)|timeout/,
    source: 'https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html',
  },
  {
    // EC2 checks permission before it answers a dry run.
    outcome: 'failed',
    codes: /^dryrunoperation/,
    source: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html',
  },
  {
    // Answered to anybody, with or without permission: closed lists.
    outcome: 'inconclusive',
    codes: /^nosuchbucket$/,
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html',
  },
  {
    outcome: 'inconclusive',
    codes: /^(aws\.simplequeueservice\.)?(nonexistentqueue|queuedoesnotexist)(exception)?$/,
    source: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueUrl.html',
  },
  {
    outcome: 'failed',
    codes: /nosuch|notfound|doesnotexist|nonexistent|unknownresource/,
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html',
  },
  {
    // The state of the resource is in the way, so the service had got as far as looking at it.
    outcome: 'failed',
    codes:
      /alreadyexist|alreadyowned|alreadyassociated|conflict|inuse|notempty|dependencyviolation|duplicate|temporarilyunmodifiable|preconditionfailed|conditionalcheckfailed|notmodified|invalid(db)?[a-z]*state(fault|exception)?$|incorrect[a-z]*state$|hassubscribers/,
    source: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html',
  },
];

/** `Client.UnauthorizedOperation`, `com.amazonaws.kms#NotFoundException` -> the bare code, lower-cased. */
const bareCode = (code: string): string =>
  code
    .slice(0, 256)
    .replace(/^.*#/s, '')
    .replace(/^(Client|Server)\./, '')
    .replace(/[\s_-]/g, '')
    .toLowerCase();

const outcomeOfCode = memo((errorCode: string): CallOutcome => {
  const code = bareCode(errorCode);
  return families.find((family) => family.codes.test(code))?.outcome ?? 'inconclusive';
});

/** What the call's error code proves; without a code it was allowed. An unknown code proves nothing. */
export function outcomeOf(call: ObservedCall): CallOutcome {
  const { errorCode } = call.context;
  if (errorCode === '' || isNoError(errorCode)) return 'allowed';
  const outcome = outcomeOfCode(errorCode);
  // Without a request nobody knows what the answer was about.
  return outcome === 'failed' && namesNothing(call) ? 'inconclusive' : outcome;
}

/** A status of success in place of an error code. */
export const isNoError = (errorCode: string): boolean => errorCode === '200';

const namesNothing = ({ target }: ObservedCall): boolean =>
  target.resources.length === 0 &&
  (target.request['omitted'] === true || Object.keys(target.request).length === 0);
