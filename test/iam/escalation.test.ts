import { expect, test } from 'vitest';
import { allowsAll, isAdministrator, openPaths } from '../../src/iam/decide/escalation.ts';
import { allow, policy } from './documents.ts';

const all = { Effect: 'Allow', Action: '*', Resource: '*' };

test.each<[string, object, boolean]>([
  ['everything', all, true],
  ['everything, written with a service', { ...all, Action: ['s3:GetObject', '*:*'] }, true],
  ['one service', { ...all, Action: 's3:*' }, false],
  ['everything on some resources', { ...all, Resource: 'arn:aws:s3:::b' }, false],
  ['everything under a condition', { ...all, Condition: { Bool: { 'aws:SecureTransport': 'true' } } }, false],
  ['everything but one service', { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }, false],
  ['what is denied', { ...all, Effect: 'Deny' }, false],
])('an administrator is who may do everything: %s', (_, statement, expected) => {
  const document = policy(statement);
  expect(document.statements.map(allowsAll)).toEqual([expected]);
  expect(isAdministrator([policy(allow('s3:GetObject')), document])).toBe(expected);
});

test.each([
  ['lambda.amazonaws.com', true],
  ['ec2.amazonaws.com', false],
  // Whose tag it is nobody can tell.
  ['${aws:PrincipalTag/service}', true],
])('roles that may be passed to %s', (service, isOpen) => {
  const passing = {
    ...allow('iam:PassRole'),
    Condition: { StringEquals: { 'iam:PassedToService': service } },
  };
  const paths = openPaths([policy(passing, allow(['lambda:CreateFunction', 'lambda:InvokeFunction']))]);
  expect(paths.some(({ actions }) => actions.includes('iam:passrole'))).toBe(isOpen);
});
