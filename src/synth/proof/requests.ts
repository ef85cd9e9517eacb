import { decide, compile, type Decision } from '../../iam/decide/evaluate.ts';
import { InputError, parsedJson } from '../../iam/input-error.ts';
import { isObject, textOfJson } from '../../iam/json.ts';
import { latest, type PolicyDocument } from '../../iam/policy/policy.ts';

/** One line of a requests file: the context is complete, a key that is not there is absent. */
export interface Request {
  readonly action: string;
  readonly resource: string;
  /** Keys lower-cased. */
  readonly context: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads NDJSON `{"action", "resource", "context": {"key": "value" | ["value", ...]}}`; resource defaults to `*`.
 * @throws InputError naming file and line
 */
export function parseRequests(text: string, source: string): readonly Request[] {
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    const where = `${source}:${i + 1}`;
    const json = parsedJson(line, where, 'write one {"action", "resource", "context"} per line');
    if (!isObject(json) || typeof json['action'] !== 'string' || !json['action'].includes(':')) {
      throw new InputError(`${where}: no "action" such as "s3:GetObject"`);
    }
    const { action, resource = '*', context = {} } = json;
    if (typeof resource !== 'string') throw new InputError(`${where}: "resource" must be an ARN or "*"`);
    if (!isObject(context)) throw new InputError(`${where}: "context" must be an object of condition keys`);
    const keys = Object.entries(context).map(([key, value]): [string, string[]] => [
      key.toLowerCase(),
      (Array.isArray(value) ? value : [value]).map(textOfJson),
    ]);
    return [{ action, resource, context: new Map(keys) }];
  });
}

/** Decides each request against the policies. */
export function* decideAll(
  requests: readonly Request[],
  documents: readonly PolicyDocument[],
): Generator<{ request: Request; decision: Decision }> {
  const policies = documents.map(latest);
  const compiled = compile({ identity: policies });
  for (const request of requests) {
    yield { request, decision: decide(compiled, { ...request, contextIsComplete: true }) };
  }
}
