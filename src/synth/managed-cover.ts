import { actionInfo, catalogueVersion, serviceOf, spelled } from '../iam/catalogue.ts';
import { openPaths } from '../iam/decide/escalation.ts';
import { listedRisk } from '../iam/lint/risks.ts';
import { byCodeUnit } from '../iam/order.ts';
import { managedPolicies, type ManagedPolicy } from '../iam/policy/managed-policies.ts';
import { allowedActions } from './generate.ts';
import { Replay } from './proof/replay.ts';
import type { Use } from './usage/use.ts';

/** So many policies may cover a use; AWS attaches ten to one principal unless more are asked for. */
const most = 3;

/** The narrowest AWS managed policies for what was used, `most` at most. */
export interface ManagedCover {
  /** The day of the policies' texts. */
  readonly date: string;
  /** Empty where none allows any of it. */
  readonly policies: readonly ManagedPolicy[];
  /** Uses that they do not allow for sure. */
  readonly left: readonly Use[];
  /** Actions that they allow on anything and that were not used, the most dangerous first. */
  readonly beyond: readonly Beyond[];
  /** Ways to more rights that they open, by their actions: `iam:PassRole with ecs:RunTask`. */
  readonly escalations: readonly string[];
}

export interface Beyond {
  readonly action: string;
  readonly risk: (typeof risks)[number];
}

/** What can be done with an action that was not needed, the worst first. */
export const risks = [
  'credentials-exposure',
  'Permissions management',
  'data-exfiltration',
  'Write',
  'Tagging',
  'Read',
  'List',
] as const;

/**
 * The one to three policies that allow all that any does of what was used, with the fewest actions beyond it; where no three do, those
 * that allow most of it. What allows more than half of all actions (`PowerUserAccess`) is no answer. Each is replayed, with its
 * resources and conditions, and so are all together.
 */
export function managedCover(uses: readonly Use[]): ManagedCover {
  const used = new Set(uses.map(({ action }) => action.toLowerCase()));
  const candidates = candidatesFor(uses, used);
  const chosen = exact(candidates, uses.length) ?? greedy(candidates, uses.length);
  const policies = chosen.map(({ policy }) => policy).sort((a, b) => byCodeUnit(a.arn, b.arn));
  const documents = policies.map(({ document }) => document());
  const replay = new Replay(documents);
  const beyond = [...allowedActions(documents)].filter((action) => !used.has(action));
  return {
    date: managedPolicies().date,
    policies,
    left: uses.filter((use) => replay.verdict(use).kind !== 'allowed'),
    beyond: beyond
      .map((action) => ({ action: spelled(action), risk: riskOf(action) }))
      .sort((a, b) => risks.indexOf(a.risk) - risks.indexOf(b.risk) || byCodeUnit(a.action, b.action)),
    escalations: [
      ...new Set(
        openPaths(documents)
          .filter(({ actions }) => actions.some((action) => !used.has(action)))
          .map(({ actions, effect }) => `${actions.map(spelled).join(' with ')} ${effect}`),
      ),
    ],
  };
}

/** What the catalogue does not know may do anything. */
const riskOf = (action: string): Beyond['risk'] =>
  listedRisk(spelled(action)) ?? actionInfo(action)?.accessLevel ?? 'Write';

/** A set of small numbers. */
class Bits {
  readonly words: Uint32Array;
  readonly count: number;

  constructor(words: Uint32Array) {
    this.words = words;
    let count = 0;
    // The bits of a word are summed by pairs, fours, eights.
    for (let word of words) {
      word -= (word >>> 1) & 0x55555555;
      word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
      count += (((word + (word >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
    }
    this.count = count;
  }

  static of(numbers: readonly number[], size: number): Bits {
    const words = new Uint32Array(Math.ceil(size / 32));
    for (const number of numbers) words[number >>> 5] = (words[number >>> 5] ?? 0) | (1 << (number & 31));
    return new Bits(words);
  }

  has(number: number): boolean {
    return ((this.words[number >>> 5] ?? 0) & (1 << (number & 31))) !== 0;
  }

  or(other: Bits): Bits {
    return new Bits(this.words.map((word, i) => word | (other.words[i] ?? 0)));
  }

  isWithin(other: Bits): boolean {
    return this.words.every((word, i) => (word & ~(other.words[i] ?? 0)) === 0);
  }
}

/** A policy, which uses it allows, and which actions beside. */
interface Candidate {
  readonly policy: ManagedPolicy;
  readonly covers: Bits;
  readonly beyond: Bits;
}

const nothing = (size: number): Bits => Bits.of([], size);

/** Policies that allow any of it, without those in whose place another can stand: it allows no less of it and nothing else beyond. */
function candidatesFor(uses: readonly Use[], used: ReadonlySet<string>): readonly Candidate[] {
  const services = new Set([...used].map(serviceOf));
  const numbers = new Map<string, number>();
  const numberOf = (action: string): number => {
    const number = numbers.get(action) ?? numbers.size;
    numbers.set(action, number);
    return number;
  };
  const found = managedPolicies().policies.flatMap((policy) => {
    if (policy.services && ![...policy.services].some((service) => services.has(service))) return [];
    const documents = [policy.document()];
    const allowed = allowedActions(documents);
    if (allowed.size > catalogueVersion().actions / 2) return [];
    const replay = new Replay(documents);
    const covers = uses.flatMap((use, i) =>
      allowed.has(use.action.toLowerCase()) && replay.verdict(use).kind === 'allowed' ? [i] : [],
    );
    if (covers.length === 0) return [];
    const beyond = [...allowed].filter((action) => !used.has(action)).map(numberOf);
    return [{ policy, covers, beyond }];
  });
  const candidates = found
    .map(({ policy, covers, beyond }) => ({
      policy,
      covers: Bits.of(covers, uses.length),
      beyond: Bits.of(beyond, numbers.size),
    }))
    .sort((a, b) => a.beyond.count - b.beyond.count || byCodeUnit(a.policy.arn, b.policy.arn));
  const isLess = (one: Candidate, other: Candidate): boolean =>
    one.covers.isWithin(other.covers) && other.beyond.isWithin(one.beyond);
  return candidates.filter((one, i) => !candidates.slice(0, i).some((other) => isLess(one, other)));
}

/** Of all covers of what can be covered the one with the fewest actions beyond, then of the fewest policies; undefined where it takes too many. */
function exact(candidates: readonly Candidate[], uses: number): readonly Candidate[] | undefined {
  const covering = Array.from({ length: uses }, (_, i) => candidates.filter(({ covers }) => covers.has(i)))
    .map((list, use) => ({ use, list }))
    .filter(({ list }) => list.length > 0)
    .sort((a, b) => a.list.length - b.list.length);
  const all = candidates.reduce((bits, one) => bits.or(one.covers), nothing(uses));
  let best: { readonly chosen: readonly Candidate[]; readonly cost: number } | undefined;
  const search = (chosen: readonly Candidate[], covers: Bits, beyond: Bits): void => {
    const cost = beyond.count;
    if (best && (cost > best.cost || (cost === best.cost && chosen.length >= best.chosen.length))) return;
    const open = covering.find(({ use }) => !covers.has(use));
    if (open === undefined) best = { chosen, cost };
    else if (chosen.length < most)
      for (const one of open.list) {
        // The narrowest come first.
        if (best && one.beyond.count > best.cost) break;
        const next = covers.or(one.covers);
        if (chosen.length < most - 1 || all.isWithin(next))
          search([...chosen, one], next, beyond.or(one.beyond));
      }
  };
  const [first] = candidates;
  if (first) search([], nothing(uses), nothing(first.beyond.words.length * 32));
  return best?.chosen ?? (first ? undefined : []);
}

/** The policies that each cover most of what is left, then with the fewest actions beyond. */
function greedy(candidates: readonly Candidate[], uses: number): readonly Candidate[] {
  const chosen: Candidate[] = [];
  let covers = nothing(uses);
  while (chosen.length < most) {
    const gain = (one: Candidate): number => covers.or(one.covers).count - covers.count;
    const next = candidates.reduce<Candidate | undefined>(
      (best, one) => (gain(one) > (best ? gain(best) : 0) ? one : best),
      undefined,
    );
    if (!next) break;
    chosen.push(next);
    covers = covers.or(next.covers);
  }
  return chosen;
}
