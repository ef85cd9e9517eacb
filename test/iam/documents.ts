import { parsePolicy, type PolicyDocument } from '../../src/iam/policy/policy.ts';

/** A document of these statements, as JSON has them. */
export const policy = (...statements: readonly object[]): PolicyDocument =>
  parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }), 'test');

/** An Allow statement. */
export const allow = (Action: string | readonly string[], Resource = '*', more: object = {}): object => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
