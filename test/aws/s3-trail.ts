import { gzipSync } from 'node:zlib';
import type { FakeObjects } from './s3-fake.ts';
import { roleSession } from '../cloudtrail/role-session.ts';

/** Of a trail that is made up while it is read. */
export interface TrailSize {
  readonly accounts: number;
  readonly regions: number;
  /** Days since 1970, the first. */
  readonly firstDay: number;
  readonly days: number;
  readonly perDay: number;
  readonly eventsPerObject: number;
}

const regions = [
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
] as const;

interface Place {
  readonly account: string;
  readonly region: string;
  /** `2026-03-01T00:05` */
  readonly time: string;
}

const eventNames = ['GetBucketAcl', 'GetBucketPolicy', 'GetBucketTagging', 'ListBuckets'] as const;

const eventOf = ({ account, region, time }: Place, i: number, n: number): object => {
  const role = `role-${n % 40}`;
  return {
    eventVersion: '1.09',
    userIdentity: roleSession(
      account,
      role,
      { mfaAuthenticated: 'false', creationDate: `${time}:00Z` },
      `AROAEXAMPLE${role}`,
    ),
    eventTime: `${time}:${String(n % 60).padStart(2, '0')}Z`,
    eventSource: 's3.amazonaws.com',
    eventName: eventNames[n % eventNames.length],
    awsRegion: region,
    sourceIPAddress: `192.0.2.${n % 250}`,
    userAgent: 'aws-sdk-js/3.1173.0 ua/2.1 os/linux lang/js md/nodejs',
    requestParameters: { bucketName: `bucket-${(i + n) % 97}` },
    responseElements: null,
    requestID: `${i}-${n}`,
    eventID: `${String(i).padStart(8, '0')}-${String(n).padStart(4, '0')}-4000-8000-000000000000`,
    readOnly: true,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: 'Management',
  };
};

/** Gzip data made longer by a comment (RFC 1952, FCOMMENT), so that its size is known before it is made. */
function padded(gzip: Buffer, bytes: number): Buffer {
  const head = Buffer.from(gzip.subarray(0, 10));
  head[3] = 0x10;
  const comment = Buffer.alloc(bytes - gzip.length, 'x');
  comment[comment.length - 1] = 0;
  return Buffer.concat([head, comment, gzip.subarray(10)]);
}

/** Objects as CloudTrail delivers them, none of which is stored. */
export function syntheticTrail(size: TrailSize): FakeObjects {
  const perRegion = size.days * size.perDay;
  const bytes = 1000 + 160 * size.eventsPerObject;
  const places = regions.slice(0, size.regions);
  const place = (i: number): Place => {
    const shard = Math.floor(i / perRegion);
    const nth = i % perRegion;
    const day = size.firstDay + Math.floor(nth / size.perDay);
    const minute = Math.floor(((nth % size.perDay) * 1440) / size.perDay);
    return {
      account: String(111_100_000_000 + Math.floor(shard / places.length)),
      region: places[shard % places.length] ?? '',
      time: new Date(day * 86_400_000 + minute * 60_000).toISOString().slice(0, 16),
    };
  };
  return {
    count: size.accounts * places.length * perRegion,
    keyAt(i) {
      const { account, region, time } = place(i);
      const day = time.slice(0, 10);
      const stamp = time.replace(/[-:]/g, '');
      return `AWSLogs/${account}/CloudTrail/${region}/${day.replaceAll('-', '/')}/${account}_CloudTrail_${region}_${stamp}Z_abcdefghijklmnop.json.gz`;
    },
    bodyAt(i) {
      const records = Array.from({ length: size.eventsPerObject }, (_, n) => eventOf(place(i), i, n));
      return padded(gzipSync(JSON.stringify({ Records: records }), { level: 1 }), bytes);
    },
    sizeAt: () => bytes,
    etagAt: (i) => `"${String(i).padStart(32, '0')}-1"`,
  };
}
