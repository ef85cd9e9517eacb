import type { GetObjectCommandOutput, ListObjectsV2CommandOutput, S3Client } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { InputError } from '../iam/input-error.ts';
import { clientOf, type AwsAccess } from './access.ts';
import { awsFailure, complete } from './failure.ts';
import { ObjectFault, objectFault, regionOf } from './s3-fault.ts';

type Sdk = typeof import('@aws-sdk/client-s3');

export interface S3Options extends AwsAccess {
  /** The requester pays for requests and transfer: https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html */
  readonly requestPayer?: boolean;
  /** Ends requests in flight. */
  readonly signal?: AbortSignal;
}

/** An object as a listing shows it. */
export interface S3Key {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** With its quotes. */
  readonly etag: string;
}

export interface S3Listing {
  readonly prefix: string;
  /** Keys after this one, and folders after the one it lies in. */
  readonly startAfter?: string;
  readonly delimiter?: '/';
  /** Keys and folders a page, 1 to 1000. */
  readonly pageSize?: number;
}

/** An object, its bytes to be streamed. */
type S3Object = Awaited<ReturnType<S3Bucket['get']>>;

/** How often bytes are asked for again, from where they broke off. What fails before the first byte the SDK repeats itself. */
const bodyAttempts = 5;
/** Longest wait before that, in milliseconds. */
const longestPause = 20_000;

/**
 * A bucket to list and read. Every method throws InputError for what hits all of the bucket: no permission, no such
 * bucket, expired credentials. Needs s3:ListBucket and s3:GetObject, with SSE-KMS kms:Decrypt on the key.
 */
export class S3Bucket {
  readonly name: string;
  /** Requests made, answered or not; the SDK's own repeats are not counted. */
  readonly requests = { list: 0, get: 0 };
  private readonly sdk: Sdk;
  private client: S3Client;
  private readonly options: S3Options;

  private constructor(name: string, sdk: Sdk, client: S3Client, options: S3Options) {
    this.name = name;
    this.sdk = sdk;
    this.client = client;
    this.options = options;
  }

  /** Nothing is asked of AWS yet. */
  static async open(name: string, options: S3Options = {}): Promise<S3Bucket> {
    // Each request in flight listens to it.
    if (options.signal) setMaxListeners(0, options.signal);
    const sdk = await import('@aws-sdk/client-s3');
    return new S3Bucket(name, sdk, await clientIn(sdk, options), options);
  }

  close(): void {
    this.client.destroy();
  }

  /** Pages of at most 1,000 keys and folders, in the order of their UTF-8 bytes, each asked for when it is wanted: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
  async *pages({ prefix, startAfter, delimiter, pageSize }: S3Listing) {
    let token: string | undefined;
    do {
      const page: ListObjectsV2CommandOutput = await this.ask('s3:ListBucket', () => {
        this.requests.list++;
        return this.client.send(
          new this.sdk.ListObjectsV2Command({
            ...this.common,
            Prefix: prefix,
            // Keys may hold what XML cannot.
            EncodingType: 'url',
            StartAfter: startAfter,
            Delimiter: delimiter,
            MaxKeys: pageSize,
            ContinuationToken: token,
          }),
          this.sending,
        );
      });
      complete(page, `s3:ListBucket of s3://${this.name}`, ['IsTruncated']);
      const last = token;
      token = page.IsTruncated === true ? (page.NextContinuationToken ?? last) : undefined;
      if (token !== undefined && token === last)
        throw new InputError(`s3://${this.name}: the listing says there is more and not where; try again`);
      yield {
        keys: (page.Contents ?? []).map(({ Key = '', Size: size = 0, ETag: etag = '' }): S3Key => ({
          key: decoded(Key),
          size,
          etag,
        })),
        /** Common prefixes up to the delimiter, with it. */
        folders: (page.CommonPrefixes ?? []).map(({ Prefix = '' }) => decoded(Prefix)),
        /** Whether another page follows. */
        more: token !== undefined,
      };
    } while (token !== undefined);
  }

  /** An object from a byte on. @param etag the one it must have; '' for any @throws ObjectFault if this one cannot be had */
  async get(key: string, from = 0, etag = '') {
    const found: GetObjectCommandOutput = await this.ask(
      's3:GetObject',
      () => {
        this.requests.get++;
        return this.client.send(
          new this.sdk.GetObjectCommand({
            ...this.common,
            Key: key,
            Range: from === 0 ? undefined : `bytes=${from}-`,
            IfMatch: etag || undefined,
          }),
          this.sending,
        );
      },
      `s3://${this.name}/${key}`,
    ).catch((error: unknown) => {
      throw objectFault(error) ?? error;
    });
    return {
      /** Bytes that the body has. */
      size: found.ContentLength ?? 0,
      etag: found.ETag ?? '',
      /** User-defined, names without `x-amz-meta-`. */
      metadata: found.Metadata ?? {},
      /** Whether it is encrypted with a key of KMS or the customer's. */
      hasOwnKey:
        found.SSECustomerAlgorithm !== undefined ||
        !['AES256', undefined].includes(found.ServerSideEncryption),
      body: chunksOf(found.Body),
    };
  }

  /**
   * The bytes of an object as it was listed. A body that breaks off or is too short is asked for again from there, some times.
   * @param opened told of it before its first byte
   * @throws ObjectFault when that does not help, or another object has the key meanwhile
   */
  async *read({ key, size, etag }: S3Key, opened?: (object: S3Object) => void): AsyncGenerator<Buffer> {
    let at = 0;
    // Of an upload in one part the ETag is the MD5, unless encrypted with a key of KMS or the customer's:
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
    let md5 = /^"[0-9a-f]{32}"$/.test(etag) ? createHash('md5') : undefined;
    for (let attempt = 1; ; attempt++) {
      const object = await this.get(key, at, etag);
      const isOther = etag !== '' && (object.etag !== etag || at + object.size !== size);
      let fault: unknown;
      if (!isOther) {
        opened?.(object);
        try {
          for await (const chunk of object.body) {
            at += chunk.length;
            md5?.update(chunk);
            yield chunk;
          }
        } catch (error) {
          fault = error;
        }
        if (object.hasOwnKey) md5 = undefined;
        if (fault === undefined && at >= size) {
          if (md5 && `"${md5.digest('hex')}"` !== etag)
            throw new ObjectFault('its bytes are not those of its ETag', fault);
          return;
        }
      }
      if (attempt === bodyAttempts || this.options.signal?.aborted) {
        throw new ObjectFault(
          isOther ? 'the answer has another ETag or size' : `cut off at byte ${at} of ${size}`,
          fault,
        );
      }
      await pause(Math.min(longestPause, 50 * 2 ** attempt * (1 + Math.random())));
    }
  }

  private get common() {
    const RequestPayer = this.options.requestPayer === true ? 'requester' : undefined;
    return { Bucket: this.name, RequestPayer } as const;
  }

  private get sending(): { abortSignal?: AbortSignal } {
    return this.options.signal === undefined ? {} : { abortSignal: this.options.signal };
  }

  private async ask<T>(action: string, request: () => Promise<T>, on = ''): Promise<T> {
    try {
      return await request().catch(async (error: unknown) => {
        if (!(await this.follow(error))) throw error;
        return request();
      });
    } catch (error) {
      throw this.failure(error, action, on);
    }
  }

  /** Whether an answer names another Region for the bucket; from then on all is asked there. */
  private async follow(error: unknown): Promise<boolean> {
    const region = regionOf(error);
    if (region === undefined || region === (await this.client.config.region())) return false;
    this.client = await clientIn(this.sdk, { ...this.options, region });
    return true;
  }

  private failure(error: unknown, action: string, on: string): unknown {
    const name = error instanceof Error ? error.name : '';
    const bucket = `s3://${this.name}`;
    if (name === 'NoSuchBucket')
      return new InputError(`${bucket}: no such bucket; check its name`, { cause: error });
    if (name === 'PermanentRedirect' || name === 'AuthorizationHeaderMalformed') {
      return new InputError(`${bucket}: lies in another Region; give it with --region`, { cause: error });
    }
    return awsFailure(error, action, on);
  }
}

/** Path style where an endpoint is given, as the AWS CLI does: a bucket's name is no host there. */
const clientIn = (sdk: Sdk, options: S3Options): Promise<S3Client> =>
  clientOf(
    (settings) =>
      new sdk.S3Client({
        ...settings,
        // The adaptive mode slows all requests down for one that S3 asks to be slower with, which it does prefix by prefix.
        retryMode: 'standard',
        forcePathStyle: settings.endpoint !== undefined,
      }),
    options,
    's3',
  );

async function* chunksOf(body: unknown): AsyncGenerator<Buffer> {
  if (!(body instanceof Readable)) return;
  for await (const chunk of body) if (Buffer.isBuffer(chunk)) yield chunk;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
