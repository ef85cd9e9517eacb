import { actionInfo, expandActions, type AccessLevel } from '../../iam/catalogue.ts';
import { printable } from '../../iam/printable.ts';
import { isPrivilegeEscalation } from '../../iam/decide/escalation.ts';
import type { Action, ServiceActions, State, TextPlace } from './page/shape.ts';

const letters: Readonly<Record<AccessLevel, string>> = {
  List: 'l',
  Read: 'r',
  Write: 'w',
  'Permissions management': 'p',
  Tagging: 't',
};

/** What the page names by number: actions, texts, and policies held today, each once. */
export class Lists {
  readonly actions: ServiceActions[] = [];
  readonly texts: string[] = [];
  readonly policies: object[] = [];
  private readonly services = new Set<string>();
  private readonly actionPlaces = new Map<string, Action>();
  private readonly textPlaces = new Map<string, TextPlace>();
  private readonly policyPlaces = new Map<string, number>();

  /** The place of an action. With the first of a service all that the catalogue knows of it come onto the page. */
  action(action: string): Action {
    const key = action.toLowerCase();
    const service = key.includes(':') ? (key.split(':')[0] ?? '') : '';
    if (service !== '' && !this.services.has(service)) {
      this.services.add(service);
      this.addActions(service, expandActions(`${service}:*`));
    }
    if (!this.actionPlaces.has(key)) this.addActions(service, [action]);
    return this.actionPlaces.get(key) ?? -1;
  }

  /** What became of each action, as runs: `12.3u`. */
  runs(states: ReadonlyMap<string, State>): string {
    const list: State[] = [];
    for (const [action, state] of states) list[this.action(action)] = state;
    const text = Array.from(list, (state: State | undefined) => state ?? '.').join('');
    return text.replace(/(.)\1*/g, (run, state: string) => `${run.length}${state}`);
  }

  /** The place of a text, made safe to show. */
  text(text: string): TextPlace {
    const place = this.textPlaces.get(text) ?? this.texts.push(printable(text)) - 1;
    this.textPlaces.set(text, place);
    return place;
  }

  policy(json: object): number {
    const key = JSON.stringify(json);
    const place = this.policyPlaces.get(key) ?? this.policies.push(json) - 1;
    this.policyPlaces.set(key, place);
    return place;
  }

  private addActions(service: string, actions: readonly string[]): void {
    if (actions.length === 0) return;
    for (const action of actions) this.actionPlaces.set(action.toLowerCase(), this.actionPlaces.size);
    this.actions.push([printable(service), actions.map(nameOf).join(' '), actions.map(letterOf).join('')]);
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
