/** Layer `aws`: what is asked of AWS, as plain data; the SDK is loaded when it is needed. InputError: AWS is not reached, or refuses. */
import { InputError } from '../iam/input-error.ts';
import { configurationOf } from './configuration/configuration.ts';
import { notices } from './configuration/notices.ts';

/** How to reach AWS; whatever is absent is found as the AWS CLI finds it (environment, profile, instance role). */
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
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: NonNullable<ReturnType<typeof configurationOf>['credentials']>;
  readonly retryMode: 'adaptive';
  readonly maxAttempts?: number;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly socketTimeout: number;
    readonly httpsAgent: { readonly maxSockets: number; readonly ca?: string };
  };
}

/** Services by the names that endpoints are configured with. */
export type Service = 's3' | 'iam' | 'cloudtrail' | 'athena' | 'accessanalyzer';

/** IAM and STS answer in one Region of each partition: https://docs.aws.amazon.com/general/latest/gr/iam-service.html */
const homeRegion = 'us-east-1';

/** Services whose answer is that of a Region: without one there is none to ask. */
const regional: ReadonlySet<Service> = new Set(['cloudtrail', 'athena', 'accessanalyzer']);

/** Attempts at one request, unless AWS_MAX_ATTEMPTS says otherwise. IAM's request rates are low and shared by the whole account. */
const maxAttempts = 8;

/** Milliseconds until a peer that does not answer, or says nothing, is given up and asked again. */
const connecting = 10_000;
const silence = 60_000;

const told = new Set<string>();

/** Makes a client with what flags, environment and profile say. @throws InputError for what is configured wrong */
export async function clientOf<C>(
  make: (settings: ClientSettings) => C,
  access: AwsAccess,
  service: Service,
): Promise<C> {
  const { region, endpoint, ca, credentials, note } = configurationOf(access, service);
  if (region === undefined && regional.has(service))
    throw new InputError(
      `AWS: no Region for ${service}; give --region, AWS_REGION or the region of a profile`,
    );
  if (note !== undefined && !told.has(note)) notices.tell(note);
  if (note !== undefined) told.add(note);
  return make({
    region: region ?? homeRegion,
    ...(endpoint && { endpoint }),
    ...(credentials && { credentials }),
    ...(process.env['AWS_MAX_ATTEMPTS'] === undefined && { maxAttempts }),
    retryMode: 'adaptive',
    logger: silent,
    requestHandler: {
      connectionTimeout: connecting,
      socketTimeout: silence,
      httpsAgent: { maxSockets: 128, ...(ca !== undefined && { ca }) },
    },
  });
}

/** Uses a client that `clientOf` makes, and closes it. */
export async function withClient<C extends { destroy(): void }, T>(
  make: (settings: ClientSettings) => C,
  access: AwsAccess,
  service: Service,
  use: (client: C) => Promise<T>,
): Promise<T> {
  const client = await clientOf(make, access, service);
  try {
    return await use(client);
  } finally {
    client.destroy();
  }
}

// Keeps the SDK's notices about Node.js versions off stderr: its modules are imported after this one, when they are needed.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
