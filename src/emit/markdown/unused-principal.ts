import { unseenTexts, type UnseenFacts, type UnseenHolder } from '../json/unused-principal.ts';
import { code } from './markdown.ts';

/** Its line in a pull request. */
export function unseenHolderMarkdown(holder: UnseenHolder, facts: UnseenFacts): string {
  const [seen, holds] = unseenTexts(holder, facts, code);
  const { kind, name, account } = holder;
  return `- delete ${code(`${kind}/${name}`)} ${code(account)}? Whole ${kind} unused, ${seen}; ${holds}\n`;
}
