import { isMap, isScalar, isSeq, LineCounter, parseDocument, type YAMLMap } from 'yaml';
import { InputError } from '../../iam/input-error.ts';
import { nearest } from '../../iam/nearest.ts';

/**
 * A mapping of a YAML file, read member by member; every mistake is told with its line. All values are text: nothing
 * is taken for a number, a date or a yes.
 */
export class YamlSection {
  /** File and line, for messages. */
  readonly at: string;
  private readonly members: ReadonlyMap<string, unknown>;
  private readonly lineOf: (node: unknown) => string;

  private constructor(
    map: YAMLMap,
    what: string,
    known: readonly string[],
    lineOf: (node: unknown) => string,
  ) {
    this.at = lineOf(map);
    this.lineOf = lineOf;
    const members = new Map<string, unknown>();
    for (const { key, value } of map.items) {
      const name = isScalar(key) ? String(key.value) : '';
      if (!known.includes(name)) {
        const near = nearest(name, known);
        const hint = near === undefined ? `use ${known.join(', ')}` : `did you mean ${near}?`;
        throw new InputError(`${lineOf(key)}: ${what} has no ${JSON.stringify(name)}; ${hint}`);
      }
      members.set(name, value);
    }
    this.members = members;
  }

  /** @throws InputError when the text is no YAML mapping with only these members */
  static parse(text: string, file: string, known: readonly string[]): YamlSection {
    const lines = new LineCounter();
    const at = (offset: number): string => `${file}:${lines.linePos(offset).line}`;
    const lineOf = (node: unknown): string =>
      typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
        ? at(Number(node.range[0]))
        : file;
    const document = parseDocument(text, { schema: 'failsafe', lineCounter: lines, prettyErrors: false });
    const [fault] = [...document.errors, ...document.warnings];
    if (fault) {
      // A plain value may not begin with a star: it would name an anchor (https://yaml.org/spec/1.2.2/#71-alias-nodes).
      const hint = /alias/i.test(fault.message) ? `; quote what starts with *: '*'` : '';
      throw new InputError(`${at(fault.pos[0])}: not YAML: ${fault.message}${hint}`);
    }
    if (!isMap(document.contents))
      throw new InputError(`${file}: not a configuration; write members such as "principals:"`);
    return new YamlSection(document.contents, 'the configuration', known, lineOf);
  }

  has(name: string): boolean {
    return this.members.has(name);
  }

  /** One value. @throws InputError when it is absent, empty, or more than a value */
  text(name: string): string {
    if (!this.has(name)) throw new InputError(`${this.at}: "${name}" is missing; add it`);
    return this.valueOf(this.members.get(name), name);
  }

  /** A list of values; empty when absent. @param check throws an InputError for what it is not content with */
  texts(name: string, check: (text: string) => unknown = () => {}): readonly string[] {
    return this.items(name).map((item) => {
      const text = this.valueOf(item, name);
      this.explained(name, () => check(text));
      return text;
    });
  }

  /** A list of mappings; empty when absent. */
  sections(name: string, known: readonly string[]): readonly YamlSection[] {
    return this.items(name).map((item) => {
      if (!isMap(item)) throw this.wrong(name, `write each as members: ${known.join(', ')}`, item);
      return new YamlSection(item, `an item of "${name}"`, known, this.lineOf);
    });
  }

  /** A mapping; undefined when absent. */
  section(name: string, known: readonly string[]): YamlSection | undefined {
    if (!this.has(name)) return undefined;
    const value = this.members.get(name);
    if (!isMap(value)) throw this.wrong(name, `write its members: ${known.join(', ')}`);
    return new YamlSection(value, `"${name}"`, known, this.lineOf);
  }

  /** A member as `read` understands its text; undefined when absent. @throws InputError of `read`, with the line */
  read<T>(name: string, read: (text: string) => T): T | undefined {
    return this.has(name) ? this.explained(name, () => read(this.text(name))) : undefined;
  }

  /** One value that something is content with; undefined when absent. */
  checked(name: string, check: (text: string) => unknown): string | undefined {
    return this.read(name, (text) => {
      check(text);
      return text;
    });
  }

  /** One of some values; undefined when absent. */
  oneOf<const T extends string>(name: string, choices: readonly T[]): T | undefined {
    return this.read(name, (text) => {
      const choice = choices.find((one) => one === text);
      if (choice === undefined) throw this.wrong(name, `write ${choices.join(' or ')}`);
      return choice;
    });
  }

  /** The outcome of something that may complain about a member: its complaint gets the line. */
  explained<T>(name: string, of: () => T): T {
    try {
      return of();
    } catch (error) {
      if (!(error instanceof InputError) || error.message.startsWith(this.fileAndColon)) throw error;
      throw new InputError(`${this.lineOf(this.members.get(name))}: ${error.message}`, { cause: error });
    }
  }

  /** A complaint about a member. */
  wrong(name: string, advice: string, node = this.members.get(name)): InputError {
    return new InputError(`${this.lineOf(node)}: "${name}": ${advice}`);
  }

  private get fileAndColon(): string {
    return this.at.replace(/\d+$/, '');
  }

  private items(name: string): readonly unknown[] {
    if (!this.has(name)) return [];
    const value = this.members.get(name);
    if (!isSeq(value)) throw this.wrong(name, 'write a list, each item on a line that starts with "- "');
    return value.items;
  }

  private valueOf(node: unknown, name: string): string {
    if (!isScalar(node) || typeof node.value !== 'string')
      throw this.wrong(name, 'write a single value', node);
    if (node.value.trim() === '') throw this.wrong(name, 'is empty; give a value or take it out', node);
    return node.value;
  }
}
