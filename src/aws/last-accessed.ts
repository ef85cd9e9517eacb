import type { GetServiceLastAccessedDetailsResponse, ServiceLastAccessed } from '@aws-sdk/client-iam';
import { setTimeout as wait } from 'node:timers/promises';
import { InputError } from '../iam/input-error.ts';
import type { JsonObject } from '../iam/json.ts';
import { clientOf, quietSdk, type AwsAccess } from './access.ts';
import { asked } from './failure.ts';

/** A report takes seconds; after so many asks something is wrong. */
const mostAsks = 60;

/**
 * IAM's last accessed data of a role or user, by action where AWS tracks it, as the AWS command line prints it. Needs
 * iam:GenerateServiceLastAccessedDetails on the principal and iam:GetServiceLastAccessedDetails.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html
 * @param pause milliseconds between two asks whether it is ready
 * @throws InputError when AWS cannot be reached, refuses or fails to make it
 */
export async function serviceLastAccessed(access: AwsAccess, arn: string, pause = 1000): Promise<JsonObject> {
  quietSdk();
  const sdk = await import('@aws-sdk/client-iam');
  const client = await clientOf((settings) => new sdk.IAMClient(settings), access, 'iam');
  try {
    const { JobId } = await asked(
      'iam:GenerateServiceLastAccessedDetails',
      () =>
        client.send(
          new sdk.GenerateServiceLastAccessedDetailsCommand({ Arn: arn, Granularity: 'ACTION_LEVEL' }),
        ),
      ['JobId'],
    );
    const page = (marker?: string): Promise<GetServiceLastAccessedDetailsResponse> =>
      asked(
        'iam:GetServiceLastAccessedDetails',
        () =>
          client.send(
            new sdk.GetServiceLastAccessedDetailsCommand({
              JobId,
              ...(marker === undefined ? {} : { Marker: marker }),
            }),
          ),
        ['JobStatus'],
      );
    let answer = await page();
    for (let asks = 1; answer.JobStatus === 'IN_PROGRESS'; asks++) {
      if (asks === mostAsks)
        throw new InputError(`AWS: the last accessed report of ${arn} is not ready; try again later`);
      await wait(pause);
      answer = await page();
    }
    if (answer.JobStatus !== 'COMPLETED')
      throw new InputError(`AWS: no last accessed report of ${arn}: ${answer.Error?.Message ?? 'it failed'}`);
    const services: ServiceLastAccessed[] = [...(answer.ServicesLastAccessed ?? [])];
    for (let next = answer; next.IsTruncated === true && next.Marker !== undefined;) {
      next = await page(next.Marker);
      services.push(...(next.ServicesLastAccessed ?? []));
    }
    return {
      JobStatus: 'COMPLETED',
      JobCompletionDate: timeText(answer.JobCompletionDate),
      ServicesLastAccessed: services.map((service) => ({
        ...service,
        LastAuthenticated: timeText(service.LastAuthenticated),
        TrackedActionsLastAccessed: (service.TrackedActionsLastAccessed ?? []).map((action) => ({
          ...action,
          LastAccessedTime: timeText(action.LastAccessedTime),
        })),
      })),
    };
  } finally {
    client.destroy();
  }
}

const timeText = (date: Date | undefined): string | undefined => date?.toISOString();
