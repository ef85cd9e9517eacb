import type { Action, Detail, ReportData, State, TextPlace } from './shape.ts';

/** One action as the page shows it. */
export interface NamedAction {
  /** IAM prefix. */
  readonly service: string;
  readonly name: string;
  /** `l`, `r`, `w`, `p`, `t`, or `-`. */
  readonly level: string;
  readonly isEscalation: boolean;
}

/** The data of the page, with what it refers to by number. */
export class Report {
  readonly principals: readonly Detail[];
  private readonly actions: readonly NamedAction[];
  private readonly texts: readonly string[];
  private readonly policies: readonly object[];

  constructor({ actions, texts, policies, principals }: ReportData) {
    this.texts = texts;
    this.policies = policies;
    this.principals = principals;
    this.actions = actions.flatMap(([service, names, levels]) =>
      names.split(' ').map((name, i) => {
        const letter = levels.charAt(i);
        const level = letter.toLowerCase();
        return { service, name, level, isEscalation: letter !== level };
      }),
    );
  }

  text(place: TextPlace): string {
    return this.texts[place] ?? '';
  }

  policy(place: number): object {
    return this.policies[place] ?? {};
  }

  action(place: Action): NamedAction {
    return this.actions[place] ?? { service: '', name: '?', level: '-', isEscalation: false };
  }

  /** The actions of a principal that are not `.`, by service. */
  states({ states }: Detail): readonly (readonly [NamedAction, State])[] {
    const found: [NamedAction, State][] = [];
    let place = 0;
    for (const [, digits, letter] of states.matchAll(/(\d+)(\D)/g)) {
      const end = place + Number(digits);
      if (!isState(letter) || letter === '.') place = end;
      else for (; place < end; place++) found.push([this.action(place), letter]);
    }
    return found.sort(([a], [b]) => (a.service < b.service ? -1 : a.service > b.service ? 1 : 0));
  }
}

const isState = (letter: string | undefined): letter is State =>
  letter !== undefined && ['.', 'u', 'o', 'n', 'x'].includes(letter);

/** `s3:GetObject`, or a name that stands alone. */
export const fullName = ({ service, name }: NamedAction): string =>
  service === '' ? name : `${service}:${name}`;

const isReportData = (value: unknown): value is ReportData =>
  typeof value === 'object' &&
  value !== null &&
  'actions' in value &&
  'texts' in value &&
  'policies' in value &&
  'principals' in value;

/** The data that the page carries. */
export function carriedReport(): Report {
  const parsed: unknown = JSON.parse(document.getElementById('data')?.textContent ?? 'null');
  if (!isReportData(parsed)) throw new Error('the page carries no data');
  return new Report(parsed);
}
