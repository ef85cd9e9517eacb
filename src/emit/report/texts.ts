import { printable } from '../../iam/printable.ts';
import type { TextPlace } from './page/shape.ts';

/** Texts of the page, each once. */
export class Texts {
  readonly list: string[] = [];
  private readonly places = new Map<string, TextPlace>();

  /** The place of a text, made safe to show. */
  place(text: string): TextPlace {
    const known = this.places.get(text);
    if (known !== undefined) return known;
    const place = this.list.push(printable(text)) - 1;
    this.places.set(text, place);
    return place;
  }

  /** The policies held today, each once. */
  readonly policies: object[] = [];
  private readonly policyPlaces = new Map<string, number>();

  policy(json: object): number {
    const key = JSON.stringify(json);
    const place = this.policyPlaces.get(key) ?? this.policies.push(json) - 1;
    this.policyPlaces.set(key, place);
    return place;
  }
}
