/** Layer `aws`: what is asked of AWS, as plain data; the SDK is loaded when it is needed. */

/** How to reach AWS; whatever is absent is found as the AWS SDK finds it (environment, profile, instance role). */
export interface AwsAccess {
  /** A profile of the shared configuration files. */
  readonly profile?: string;
  readonly region?: string;
}

const nothing = (): void => {};

/** Without a logger the SDK writes advice on credentials to the console. */
const silent = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

/** What every client of the SDK is made with. */
interface ClientSettings {
  readonly logger: typeof silent;
  readonly profile?: string;
  readonly region?: string;
  readonly retryMode: 'adaptive';
  readonly maxAttempts?: number;
}

/** IAM and STS answer in one Region of each partition: https://docs.aws.amazon.com/general/latest/gr/iam-service.html */
const homeRegion = 'us-east-1';

/** Attempts at one request, unless AWS_MAX_ATTEMPTS says otherwise. IAM's request rates are low and shared by the whole account. */
const maxAttempts = 8;

/**
 * Makes a client in the Region asked for or configured, else in us-east-1. Endpoints are the SDK's, with
 * `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export async function clientOf<C extends { readonly config: { region: () => Promise<string> } }>(
  make: (settings: ClientSettings) => C,
  { profile, region }: AwsAccess,
): Promise<C> {
  const settings: ClientSettings = {
    ...(profile === undefined ? {} : { profile }),
    ...(process.env['AWS_MAX_ATTEMPTS'] === undefined ? { maxAttempts } : {}),
    retryMode: 'adaptive',
    logger: silent,
  };
  if (region !== undefined) return make({ ...settings, region });
  const client = make(settings);
  try {
    await client.config.region();
    return client;
  } catch {
    return make({ ...settings, region: homeRegion });
  }
}

/** Keeps the SDK's notices about Node.js versions off stderr; to be called before its modules are imported. */
export function quietSdk(): void {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
}
