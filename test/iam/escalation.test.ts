import { expect, test } from 'vitest';
import { allowsAll, isAdministrator } from '../../src/iam/decide/escalation.ts';
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
