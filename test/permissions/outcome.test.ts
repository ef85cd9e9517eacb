import { expect, test } from 'vitest';
import { outcomeOf } from '../../src/permissions/outcome.ts';
import { observed } from './call.ts';

test.each([
  ['', 'allowed'],
  ['AccessDenied', 'denied'],
  ['AccessDeniedException', 'denied'],
  ['Client.UnauthorizedOperation', 'denied'],
  ['UnauthorizedAccess', 'denied'],
  ['AuthorizationError', 'denied'],
  ['AuthorizationErrorException', 'denied'],
  ['NotAuthorizedException', 'denied'],
  ['KMS.AccessDeniedException', 'denied'],
  ['com.amazonaws.kms#AccessDeniedException', 'denied'],
  ['NoSuchBucketPolicy', 'failed'],
  ['NoSuchEntityException', 'failed'],
  ['ResourceNotFoundException', 'failed'],
  ['Client.InvalidVpcID.NotFound', 'failed'],
  ['Client.DryRunOperation', 'failed'],
  ['BucketAlreadyOwnedByYou', 'failed'],
  ['ResourceInUseException', 'failed'],
  ['BucketNotEmpty', 'failed'],
  ['Client.IncorrectInstanceState', 'failed'],
  ['ConditionalCheckFailedException', 'failed'],
  ['200', 'allowed'],
  ['NoSuchBucket', 'inconclusive'],
  ['AWS.SimpleQueueService.NonExistentQueue', 'inconclusive'],
  ['QueueDoesNotExist', 'inconclusive'],
  ['ThrottlingException', 'inconclusive'],
  ['Client.RequestLimitExceeded', 'inconclusive'],
  ['ValidationException', 'inconclusive'],
  ['Client.InvalidParameterValue', 'inconclusive'],
  ['ExpiredTokenException', 'inconclusive'],
  ['Client.AuthFailure', 'inconclusive'],
  ['UnrecognizedClientException', 'inconclusive'],
  ['SomethingNew', 'inconclusive'],
  ['__proto__', 'inconclusive'],
])('%j is %s', (errorCode, outcome) => {
  expect(outcomeOf(observed('s3:GetObject', { errorCode, request: { bucketName: 'b', key: 'k' } }))).toBe(
    outcome,
  );
});

test.each(['NoSuchKey', 'ResourceNotFoundException', 'Client.DryRunOperation'])(
  '%j of a call that names nothing proves nothing',
  (errorCode) => {
    expect(outcomeOf(observed('s3:GetObject', { errorCode }))).toBe('inconclusive');
    expect(outcomeOf(observed('s3:GetObject', { errorCode, request: { omitted: true } }))).toBe(
      'inconclusive',
    );
  },
);
