import { expect, test } from 'vitest';
import { visibilityText } from '../../../src/emit/text/why.ts';
import { observabilityOf } from '../../../src/permissions/observability.ts';

test.each([
  ['ec2:RunInstances', 'shows in management events'],
  ['iam:PassRole', 'shows in the calls that need it'],
  ['s3:GetObject', 'only where the trail logs data events of AWS::S3::Object'],
  ['execute-api:Invoke', 'is never recorded'],
  ['dax:GetItem', 'has no event that is known; that none is seen says nothing'],
  ['voiceid:CreateDomain', 'voiceid/CreateDomain may be one'],
])('whether CloudTrail can show %s: %s', (action, said) => {
  expect(visibilityText(action, observabilityOf(action))).toContain(said);
});
