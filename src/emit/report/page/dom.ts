/** What an element is given: content, where texts become text nodes whatever is in them, and attributes. */
type Given = Node | string | false | Attributes | readonly Given[];
type Attributes = { readonly [name: string]: string | number };

/** An element as in CSS, `td.none`, with content and attributes; what is false is left out. */
export function element<K extends keyof HTMLElementTagNameMap>(
  what: K | `${K}.${string}`,
  ...given: readonly Given[]
): HTMLElementTagNameMap[K];
export function element(what: string, ...given: readonly Given[]): HTMLElement {
  const [tag = '', ...classes] = what.split('.').filter(Boolean);
  const made = document.createElement(tag);
  made.classList.add(...classes);
  give(made, given);
  return made;
}

/** The same for a part of a drawing. */
export function drawn(tag: 'svg' | 'rect' | 'text', ...given: readonly Given[]): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  give(made, given);
  return made;
}

function give(to: Element, given: readonly Given[]): void {
  for (const one of given) {
    if (one === false) continue;
    if (typeof one === 'string' || one instanceof Node) to.append(one);
    else if (isList(one)) give(to, one);
    else for (const [name, value] of Object.entries(one)) to.setAttribute(name, String(value));
  }
}

const isList = (one: Attributes | readonly Given[]): one is readonly Given[] => Array.isArray(one);

/** Text for screen readers alone. */
export const aloud = (text: string): HTMLElement => element('span.aloud', text);

/** A name from a log or a policy; its direction stays its own. */
export const code = (text: string): HTMLElement => element('code', element('bdi', text));

/** `1,234`. */
export const thousands = (n: number): string => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** `1 day`, `2 days`. */
export const plural = (n: number, noun: string): string => `${thousands(n)} ${noun}${n === 1 ? '' : 's'}`;

/** `2026-03-02`. */
export const isoDay = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10);

/** Content behind a line that opens it, made when it is first opened. */
export function disclosure(what: string, line: Given, content: () => Node): HTMLDetailsElement {
  const made = element(`details.${what}`, element('summary', line));
  made.addEventListener('toggle', () => made.open && made.childElementCount === 1 && made.append(content()));
  return made;
}
