/** Room `configuration`: what a client is made with, found as the AWS CLI finds it. */
import { InputError } from '../../iam/input-error.ts';
import { printableShort } from '../../iam/printable.ts';
import { configuredText, sharedConfig } from './shared-config.ts';

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Where else than in keys of its own the credentials of a profile come from. */
const sources =
  'role_arn credential_process sso_session sso_start_url web_identity_token_file login_session'.split(' ');

/**
 * Profile, Region, endpoint (of a service as they are configured: `s3`), certificates and credentials, as the AWS CLI finds them:
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-chap-configure.html#configure-precedence
 */
export function configurationOf(
  { profile: asked, region: wanted }: { readonly profile?: string; readonly region?: string },
  service: string,
) {
  const { env } = process;
  const named = asked ?? env['AWS_PROFILE'] ?? env['AWS_DEFAULT_PROFILE'];
  const { profiles, services, sessions } = sharedConfig();
  const profile = profiles.get(named ?? 'default');
  if (named !== undefined && profile === undefined)
    throw new InputError(
      `AWS: no profile ${printableShort(named)}; configured are: ${[...profiles.keys()].map(printableShort).join(', ') || 'none'}`,
    );
  const setting = (key: string): string | undefined => profile?.get(key);
  const region = [wanted, env['AWS_REGION'], env['AWS_DEFAULT_REGION'], setting('region')].find(Boolean);
  if (region !== undefined && !/^[a-z]{2,5}(-[a-z]+)+-\d+$/.test(region))
    throw new InputError(`AWS: ${printableShort(region)} is no Region; write it as eu-west-1`);
  const endpointOf = (of: string): string | undefined => {
    const variable = `AWS_ENDPOINT_URL_${of.toUpperCase()}`;
    const ignored = env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] ?? setting('ignore_configured_endpoint_urls');
    if (ignored?.toLowerCase() === 'true') return undefined;
    const own = services.get(setting('services') ?? '')?.get(`${of}.endpoint_url`);
    const url = [env[variable], env['AWS_ENDPOINT_URL'], own, setting('endpoint_url')].find(Boolean);
    if (url !== undefined && !/^https?:\/\/[^/]/.test(url))
      throw new InputError(
        `AWS: endpoint ${printableShort(url)} of ${of}: write it with https:// or http:// (AWS_ENDPOINT_URL, or endpoint_url of the profile)`,
      );
    return url;
  };
  const session = setting('sso_session');
  if (session !== undefined && !sessions.has(session))
    throw new InputError(
      `AWS: sso_session ${printableShort(session)} of profile ${printableShort(named ?? 'default')}: there is no [sso-session ${printableShort(session)}]`,
    );
  const bundle = [env['AWS_CA_BUNDLE'], setting('ca_bundle')].find(Boolean);
  const keys = keysOf((name) => env[name.toUpperCase()]);
  const elsewhere = sources.some((key) => setting(key) !== undefined);
  const fixed = asked === undefined && keys ? keys : elsewhere ? undefined : keysOf(setting);
  const fromElsewhere = (): Promise<Credentials> =>
    fromProfile(named ?? 'default', region, setting('role_arn') && endpointOf('sts'));
  return {
    region,
    /** Undefined for AWS's own. */
    endpoint: endpointOf(service),
    /** Certificates in place of those of Node.js. */
    ca:
      bundle === undefined
        ? undefined
        : configuredText(bundle, (file) => `AWS: ${file}: cannot be read (AWS_CA_BUNDLE, ca_bundle)`),
    /** Undefined where they come from the machine: a container, an instance role. */
    credentials: fixed ? () => Promise.resolve(fixed) : elsewhere ? fromElsewhere : undefined,
    /** What a person may not expect of it. */
    note:
      keys === undefined || named === undefined
        ? undefined
        : asked === undefined
          ? `credentials: the keys in the environment, not those of profile ${named} (--profile takes it)`
          : `credentials: those of --profile ${named}, not the keys in the environment`,
  };
}

function keysOf(setting: (name: string) => string | undefined): Credentials | undefined {
  const [id, secret, token] = ['access_key_id', 'secret_access_key', 'session_token'].map((name) =>
    setting(`aws_${name}`),
  );
  return id && secret
    ? { accessKeyId: id, secretAccessKey: secret, ...(token && { sessionToken: token }) }
    : undefined;
}

/** Credentials that a profile gets by a role, a program, a sign-in or a token. @throws InputError with the reason */
async function fromProfile(
  profile: string,
  region = 'us-east-1',
  sts: string | undefined,
): Promise<Credentials> {
  const { fromIni } = await import('@aws-sdk/credential-provider-ini');
  const clientConfig = { region, ...(sts ? { endpoint: sts } : {}) };
  try {
    return await fromIni({ profile, clientConfig })();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/\s+/g, ' ').slice(0, 300) : 'no reason given';
    throw new InputError(`AWS: no credentials of profile ${printableShort(profile)}: ${why}`, { cause });
  }
}
