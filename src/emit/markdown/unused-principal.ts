import type { UnseenHolder } from '../json/unused-principal.ts';
import { code } from './markdown.ts';

/** Its block in a pull request. */
export const unseenHolderMarkdown = ({ kind, account, name, policies }: UnseenHolder): string =>
  `### ${code(`${kind}/${name}`)} ${code(account)}\n\n- whole ${kind} unused: never seen in the log\n` +
  `- holds ${policies.map((policy) => code(policy.name)).join(', ') || 'nothing'}\n\n`;
