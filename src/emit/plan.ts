import { printable } from '../iam/printable.ts';
import type { PlanStep } from '../synth/plan.ts';
import { counted } from './text.ts';

const words: Readonly<Record<PlanStep['step'], string>> = {
  attach: 'attach',
  detach: 'detach',
  'delete-inline': 'delete inline',
  'leave-group': 'leave group',
  'replace-file': 'replace file',
};

/** The steps from today's policies to the proposal, a line each; who else holds a policy keeps it. */
export const planLines = (plan: readonly PlanStep[]): readonly string[] =>
  plan.map(({ step, what, sharedWith }) => {
    const [first] = sharedWith;
    const others =
      first === undefined
        ? ''
        : `   stays as it is for ${printable(first.split(':').at(-1) ?? first)}${sharedWith.length > 1 ? ` and ${counted(sharedWith.length - 1, 'other')}` : ''}`;
    return `  ${words[step].padEnd(13)}  ${printable(what)}${others}`;
  });
