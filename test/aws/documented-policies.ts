import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePolicy } from '../../src/iam/policy/policy.ts';
import { project } from '../cli/cli.ts';

/** The policies of docs/permissions.md, by the names that comments on the page give them. */
export const documentedPolicies = new Map(
  [
    ...readFileSync(join(project, 'docs/permissions.md'), 'utf8').matchAll(
      /<!-- policy ([a-z0-9-]+) -->.*?```json\n(.*?)```/gs,
    ),
  ].map(([, name = '', text = '']) => [name, parsePolicy(text, name)]),
);
