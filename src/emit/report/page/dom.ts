type Attributes = Readonly<Record<string, string | number>>;
type Content = Node | string;

/** An element with attributes and content; texts become text nodes, whatever is in them. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...content: readonly Content[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...content);
  return made;
}

/** The same for a part of a drawing. */
export function drawn(
  tag: 'svg' | 'rect' | 'text',
  attributes: Attributes,
  ...content: readonly Content[]
): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...content);
  return made;
}

/** Text for screen readers alone. */
export const aloud = (text: string): HTMLElement => element('span', { class: 'aloud' }, text);

/** A name from a log or a policy; its direction stays its own. */
export const code = (text: string): HTMLElement => element('code', {}, element('bdi', {}, text));

/** `1,234`. */
export const thousands = (n: number): string => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** `1 day`, `2 days`. */
export const plural = (n: number, noun: string): string => `${thousands(n)} ${noun}${n === 1 ? '' : 's'}`;

/** `2026-03-02`. */
export const isoDay = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10);

/** Content behind a line that opens it, made when it is first opened. */
export function disclosure(
  line: readonly Content[],
  content: () => Node,
  className = '',
): HTMLDetailsElement {
  const made = element('details', { class: className }, element('summary', {}, ...line));
  made.addEventListener('toggle', () => made.open && made.childElementCount === 1 && made.append(content()));
  return made;
}
