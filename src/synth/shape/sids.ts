import { actionInfo, serviceOf } from '../../iam/catalogue.ts';
import { sortedUnique } from '../../iam/order.ts';
import { passedTo, type Statement } from '../../iam/policy/policy.ts';
import { untyped, machineMade } from './arn-name.ts';

/** Characters of a statement id; IAM takes letters and digits only. */
export const longestSid = 40;

/**
 * The words that say what a statement is about: what is done, to what, and of what type it is (`UseOrdersTable`, `ReadAppDataIn`,
 * `PassAppTaskToEcs`). A function of the statement itself, so that no other statement's change renames it.
 * @param isUnseen whether it is kept though nobody was seen using it
 */
export function sidWords(statement: Statement, isUnseen: boolean): readonly string[] {
  const { actions, resources, conditions } = statement;
  const services = sortedUnique(actions.patterns.map(serviceOf)).map(pascal);
  const verb = verbOf(actions.patterns);
  const receivers = conditions.map(passedTo).find((services) => services !== undefined) ?? [];
  const [receiver = ''] = receivers;
  const to = verb === 'Pass' && receivers.length === 1 ? ['To', pascal(receiver.split(/[-.]/)[0] ?? '')] : [];
  const things = resources.patterns.map(thingOf);
  const types = sortedUnique(things.map(({ type }) => type));
  const type = types.length > 1 ? 'Resource' : (types[0] ?? '');
  const isOne = things.length === 1 && things[0]?.isOne === true;
  const isRole = verb === 'Pass' || verb === 'Assume';
  const name = shared(things.map(({ words }) => words));
  const isPlain = type === '' || ((isRole || type === 'Object') && name.length > 0);
  const noun = isPlain ? [] : [isOne ? type : plural(type)];
  const tail = [...noun, ...to];
  const head = [
    ...(isUnseen ? ['Unseen'] : []),
    verb,
    ...(resources.kind === 'except' ? ['Except'] : []),
    // A name says enough; where there is none, the service is said.
    ...(name.length > 0 ? [] : isRole ? ['Any'] : services.length > 2 ? ['Several', 'Services'] : services),
    ...(isRole && type === '' && name.length === 0 ? ['Role'] : []),
  ];
  const words = fitting(name, longestSid - length(head) - length(tail));
  return [...head, ...(words.at(-1) === type ? words.slice(0, -1) : words), ...tail];
}

/** A Sid of these words that nobody has taken: of several the second gets a 2. */
export function freeSid(words: readonly string[], isTaken: (sid: string) => boolean): string {
  for (let n = 1; ; n++) {
    const number = n === 1 ? '' : String(n);
    const sid = fitting(words, longestSid - number.length).join('') + number;
    if (!isTaken(sid)) return sid;
  }
}

const length = (words: readonly string[]): number => words.join('').length;

/** As many whole words as there is room for. */
function fitting(words: readonly string[], room: number): readonly string[] {
  const fits = words.findIndex((_, i) => length(words.slice(0, i + 1)) > room);
  return fits < 0 ? words : words.slice(0, fits);
}

/** What is done: one verb of the actions themselves where they share it, else how much they may. */
function verbOf(actions: readonly string[]): string {
  const levels = new Set(actions.map((action) => actionInfo(action)?.accessLevel ?? 'Write'));
  const verbs = sortedUnique(
    actions.map((action) => /^[A-Z]+[a-z]*/.exec(action.split(':')[1] ?? '')?.[0] ?? ''),
  );
  const [verb] = verbs;
  if (verbs.length === 1 && verb === 'Pass') return verb;
  if (actions.every((action) => serviceOf(action) === 'sts') && verbs.includes('Assume')) return 'Assume';
  if (levels.has('Permissions management')) return 'Manage';
  if (levels.has('Write')) return verbs.length === 1 && verb ? verb : 'Use';
  if (levels.has('Tagging')) return 'Tag';
  return levels.has('Read') ? 'Read' : 'List';
}

interface Thing {
  readonly words: readonly string[];
  /** '' where it is said by the name alone. */
  readonly type: string;
  /** Whether it stands for one thing, not for all of its type or all with such a name. */
  readonly isOne: boolean;
}

/** What an ARN or pattern names: `arn:aws:s3:::app-data/in/*` -> `App Data In`. */
function thingOf(resource: string): Thing {
  const [, , service = '', , , ...rest] = resource.split(':');
  // Of a log group, `:*` stands for its streams; `-??????` ends the name of one secret.
  const text = rest.join(':').replace(/(?<=.)(?::\*|-\?{6})$/, '');
  const [first = '', stream] = text.match(/^[A-Za-z0-9-]+(?=[/:])|(?<=:)log-stream(?=:)/g) ?? [];
  const noun = untyped.get(service);
  const [type, name] =
    noun === undefined
      ? [pascal(stream ?? first), text.slice(first.length).replace(':log-stream:', '/')]
      : [text.includes('/') ? 'Object' : pascal(noun), text];
  return {
    words: text === '' ? [] : wordsOf(name, service),
    type: text === '' ? '' : type,
    isOne: !/[*?]/.test(text),
  };
}

/** The words of a name, without what machines put into it: hashes, the letters before the id of an instance. */
const wordsOf = (name: string, service: string): readonly string[] =>
  machineMade(name)
    .replace(service === 'ec2' ? /(?<=^[/:])[a-z]+-\*$/ : /^$/, '')
    .split(/[^A-Za-z0-9]+/)
    .map(pascal)
    .filter((word) => word !== '' && word.length <= longestSid / 2);

/** The words that all begin with. */
function shared(lists: readonly (readonly string[])[]): readonly string[] {
  const [first = []] = lists;
  const end = first.findIndex((word, i) => lists.some((list) => list[i] !== word));
  return end < 0 ? first : first.slice(0, end);
}

const plural = (noun: string): string =>
  /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : noun.endsWith('s') ? noun : `${noun}s`;

const pascal = (text: string): string =>
  text
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
