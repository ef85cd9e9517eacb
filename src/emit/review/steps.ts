import { printable } from '../../iam/printable.ts';
import type { PlanStep } from '../../synth/plan.ts';
import { counted } from './words.ts';

const words: Readonly<Record<PlanStep['step'], string>> = {
  attach: 'attach',
  detach: 'detach',
  'delete-inline': 'delete inline',
  'leave-group': 'leave group',
  'replace-file': 'replace file',
  'put-boundary': 'put on',
  'replace-boundary': 'in place of',
};

/** One step in words; who else holds a policy keeps it. */
export function stepTexts({ step, what, sharedWith }: PlanStep): readonly [string, string, string] {
  const [first] = sharedWith;
  const others =
    first === undefined
      ? ''
      : `stays as it is for ${printable(first.split(':').at(-1) ?? first)}${sharedWith.length > 1 ? ` and ${counted(sharedWith.length - 1, 'other')}` : ''}`;
  return [words[step], printable(what), others];
}

/** The steps from today's policies to the proposal, a line each. */
export const planLines = (plan: readonly PlanStep[]): readonly string[] =>
  plan.map((item) => {
    const [step, what, others] = stepTexts(item);
    return `  ${step.padEnd(13)}  ${what}${others === '' ? '' : `   ${others}`}`;
  });
