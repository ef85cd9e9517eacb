import { actionInfo, expandActions, type AccessLevel } from '../../iam/catalogue.ts';
import { groupBy } from '../../iam/order.ts';
import { printable } from '../../iam/printable.ts';
import { isPrivilegeEscalation } from '../../iam/decide/escalation.ts';
import type { Action, ServiceActions, State } from './page/shape.ts';

const letters: Readonly<Record<AccessLevel, string>> = {
  List: 'l',
  Read: 'r',
  Write: 'w',
  'Permissions management': 'p',
  Tagging: 't',
};

/**
 * Every action the page names, each once: the catalogue, and what policies write that it does not know. Only services
 * that somebody's states or changes name come onto the page.
 */
export class ActionTable {
  private readonly names: string[] = [...expandActions('*')];
  private readonly places = new Map(this.names.map((name, i) => [name.toLowerCase(), i]));
  private readonly named = new Set<string>();

  place(action: string): number {
    this.named.add(serviceOf(action).toLowerCase());
    const key = action.toLowerCase();
    const known = this.places.get(key);
    if (known !== undefined) return known;
    const place = this.names.push(action) - 1;
    this.places.set(key, place);
    return place;
  }

  /** States by place, packed: a byte each. */
  packed(states: ReadonlyMap<string, State>): Uint8Array {
    const entries = [...states].map(([action, state]) => [this.place(action), state] as const);
    const bytes = new Uint8Array(this.names.length);
    for (const [place, state] of entries) bytes[place] = state.charCodeAt(0);
    return bytes;
  }

  /** What comes onto the page, once every action has been named. */
  finished(): PageActions {
    return new PageActions(this.names, this.named);
  }
}

const serviceOf = (action: string): string => (action.includes(':') ? (action.split(':')[0] ?? '') : '');

/** The actions of the page, in its order. */
export class PageActions {
  readonly list: readonly ServiceActions[];
  private readonly order: readonly number[];
  private readonly pagePlaces: ReadonlyMap<number, Action>;

  constructor(names: readonly string[], named: ReadonlySet<string>) {
    const byService = groupBy(names.keys(), (i) => serviceOf(names[i] ?? '').toLowerCase());
    const services = [...byService].filter(([service]) => named.has(service));
    this.order = services.flatMap(([, places]) => places);
    this.pagePlaces = new Map(this.order.map((place, i) => [place, i]));
    this.list = services.map(([service, places]) => {
      const own = places.map((place) => names[place] ?? '');
      return [printable(service), own.map(nameOf).join(' '), own.map(letterOf).join('')];
    });
  }

  /** Where an action of the table stands on the page. */
  placed(place: number): Action {
    return this.pagePlaces.get(place) ?? -1;
  }

  /** Packed states as runs: `12.3u`. */
  runs(bytes: Uint8Array): string {
    const letters = this.order.map((place) => String.fromCharCode(bytes[place] || 0x2e)).join('');
    const runs = letters.replace(/(.)\1*/g, (run, state: string) => `${run.length}${state}`);
    return runs.endsWith('.') ? runs.replace(/\d+\.$/, '') : runs;
  }
}

/** A name without its service, as one word: no action has a space, but a policy may write one. */
const nameOf = (action: string): string =>
  printable(action.slice(action.indexOf(':') + 1)).replaceAll(' ', '\\u{20}');

function letterOf(action: string): string {
  const level = actionInfo(action)?.accessLevel;
  const letter = level === undefined ? '-' : letters[level];
  return isPrivilegeEscalation(action) ? letter.toUpperCase() : letter;
}
