import { styleText } from 'node:util';

/** Marks in a result: removed red, narrowed yellow, kept plain, warnings bold. */
export interface Colors {
  readonly removed: (text: string) => string;
  readonly narrowed: (text: string) => string;
  readonly added: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
}

const plain = (text: string): string => text;
const style =
  (format: Parameters<typeof styleText>[0]) =>
  (text: string): string =>
    styleText(format, text, { validateStream: false });

export const colors = (on: boolean): Colors =>
  on
    ? {
        removed: style('red'),
        narrowed: style('yellow'),
        added: style('green'),
        strong: style('bold'),
        faint: style('dim'),
      }
    : { removed: plain, narrowed: plain, added: plain, strong: plain, faint: plain };
