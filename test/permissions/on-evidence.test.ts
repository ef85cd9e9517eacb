import { describe, expect, test } from 'vitest';
import type { Members } from '../../src/cloudtrail/members.ts';
import { needed } from './call.ts';

const role = 'arn:aws:iam::111122223333:role/app';

/** Actions that a call needs beside its own. */
const beside = (operation: string, request: Members): string[] =>
  needed(operation, { request })
    .filter(({ reason }) => reason !== 'operation')
    .map(({ action }) => action);

describe('a role', () => {
  test.each<[string, Members]>([
    ['lambda:CreateFunction20150331', { role }],
    ['sns:SetTopicAttributes', { attributeName: 'SQSSuccessFeedbackRoleArn', attributeValue: role }],
    ['sns:CreateTopic', { attributes: { SQSSuccessFeedbackRoleArn: role } }],
    ['sns:Subscribe', { protocol: 'firehose', attributes: { SubscriptionRoleArn: role } }],
    ['codebuild:StartBuild', { serviceRoleOverride: role }],
    ['es:CreateApplication', { dataSources: [{ iamRoleForDataSourceArn: role }] }],
    ['macie2:UpdateRevealConfiguration', { retrievalConfiguration: { roleName: 'app' } }],
    ['ssm:StartAutomationExecution', { parameters: { AutomationAssumeRole: [role] } }],
    ['ec2:RequestSpotInstances', { launchSpecification: { iamInstanceProfile: { name: 'web' } } }],
    [
      'ec2:AssociateIamInstanceProfile',
      { AssociateIamInstanceProfileRequest: { IamInstanceProfile: { Name: 'web' } } },
    ],
  ])('is passed by %s', (operation, request) => {
    expect(beside(operation, request)).toEqual(['iam:PassRole']);
    expect(beside(operation, {})).toEqual([]);
  });

  test.each<[string, Members]>([
    ['sns:SetTopicAttributes', { attributeName: 'Policy', attributeValue: role }],
    ['emr-containers:CreateJobTemplate', { jobTemplateData: { executionRoleArn: role } }],
    ['securitylake:CreateSubscriber', { sources: [{ customLogSource: { provider: { roleArn: role } } }] }],
    ['chime:CreateRoomMembership', { role: 'Administrator' }],
  ])('is only named by %s', (operation, request) => {
    expect(beside(operation, request)).toEqual([]);
  });
});

describe('tags', () => {
  test.each<[string, Members, string]>([
    ['cloudtrail:CreateTrail', { name: 't', tagsList: [{ key: 'team' }] }, 'cloudtrail:AddTags'],
    ['cloudformation:CreateStackSet', { tags: [{ key: 'team' }] }, 'cloudformation:TagResource'],
    ['kinesis:CreateStream', { streamName: 's', tags: { team: 'true' } }, 'kinesis:AddTagsToStream'],
    ['ce:CreateCostCategoryDefinition', { resourceTags: [{ key: 'team' }] }, 'ce:TagResource'],
    ['iotfleetwise:BatchCreateVehicle', { vehicles: [{ tags: true }] }, 'iotfleetwise:TagResource'],
  ])('on %s need a permission', (operation, request, action) => {
    expect(beside(operation, request)).toEqual([action]);
    expect(beside(operation, {})).toEqual([]);
  });

  test.each<[string, Members]>([
    ['inspector2:CreateFindingsReport', { filterCriteria: { ec2InstanceTags: [{ key: 'team' }] } }],
    ['securityhub:BatchImportFindings', { findings: [{ resources: [{ tags: { team: true } }] }] }],
    ['ecr:CreateRepositoryCreationTemplate', { resourceTags: [{ key: 'team' }] }],
    ['quicksight:StartAssetBundleExportJob', { includeTags: true }],
    ['ecr:PutImage', { imageTag: 'latest' }],
  ])('are no tags of what %s makes', (operation, request) => {
    expect(beside(operation, request)).toEqual([]);
  });
});
