import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { serviceInfo, stringsOf, type ActionInfo } from '../../src/iam/catalogue.ts';
import { isObject, type JsonObject } from '../../src/iam/json.ts';
import { normalName } from '../../src/cloudtrail/kept-members.ts';
import { isMembers, type Members } from '../../src/cloudtrail/members.ts';
import { formatsOf, parseArn, readArn } from '../../src/permissions/arn-format.ts';
import { nothingKnown, type Permission } from '../../src/permissions/mapping.ts';
import { actionsOf } from '../../src/permissions/operation.ts';
import { permissionsOf } from '../../src/permissions/permissions.ts';
import { isNameOnly } from '../../src/permissions/spelling.ts';
import { literal } from '../../src/permissions/text.ts';
import { observed } from './call.ts';

/** A third of the operations of the table; all of them with LAWS=all. */
const thirds = process.env['LAWS'] === 'all' ? [0, 1, 2] : [0];

interface Row {
  readonly source: string;
  readonly operation: string;
  readonly action: ActionInfo;
  readonly prefix: string;
  readonly lines: JsonObject;
}

const data = new URL('../../data/', import.meta.url);
function json(file: string): JsonObject {
  const parsed: unknown = JSON.parse(readFileSync(new URL(file, data), 'utf8'));
  return isObject(parsed) ? parsed : {};
}

/** Services that read requests by rules of their own. */
const special = new Set(
  's3 s3express s3-outposts dynamodb ec2 iam sts kms apigateway lambda logs sqs sns events secretsmanager bedrock config'.split(
    ' ',
  ),
);

/** The event sources of a prefix, the one of its own name first. */
function sourcesOf(): Map<string, string[]> {
  const sources = new Map<string, string[]>();
  const raw = json('operations.json')['sources'];
  for (const [source, facts] of Object.entries(isObject(raw) ? raw : {})) {
    for (const prefix of (stringsOf(facts)[0] ?? '').split(' '))
      sources.set(
        prefix,
        [...(sources.get(prefix) ?? []), source].sort((a, b) => Number(b === prefix) - Number(a === prefix)),
      );
  }
  return sources;
}

function rows(): Row[] {
  const sources = sourcesOf();
  const found: Row[] = [];
  let count = 0;
  for (const file of readdirSync(new URL('bindings/', data)).sort()) {
    const prefix = file.replace('.json', '');
    if (special.has(prefix)) continue;
    for (const [operation, lines] of Object.entries(json(`bindings/${file}`))) {
      if (!thirds.includes(count++ % 3) || !isObject(lines)) continue;
      for (const source of sources.get(prefix) ?? []) {
        const answer = actionsOf(`${source}.amazonaws.com`, operation);
        const action = answer.kind === 'actions' ? answer.actions[0] : undefined;
        if (action === undefined || !action.name.startsWith(`${prefix}:`)) continue;
        found.push({ source: `${source}.amazonaws.com`, operation, action, prefix, lines });
        break;
      }
    }
  }
  return found;
}

const all = rows();

/** The request with a value at a path of the table. */
function put(request: Members, path: string, value: string): Members {
  const [part, ...rest] = path.split('.').filter((one) => one !== '**');
  const name = part?.replace('?', '').split('|')[0] ?? '';
  const inner = request[name];
  return {
    ...request,
    [name]: rest.length === 0 ? value : put(isMembers(inner) ? inner : {}, rest.join('.'), value),
  };
}

const slotsOf = (line: string): readonly string[] =>
  line
    .replace(/^(\[[^\]]*\])?[+~@-]*(?:%\d)?/, '')
    .split(' ')
    .map((slot) => slot.replace(/[#~=].*$/, ''))
    .filter((slot) => slot !== '' && slot !== '*');

const linesOf = ({ lines }: Row): readonly (readonly [string, string])[] =>
  Object.entries(lines).flatMap(([type, text]) =>
    '@<$'.includes(type) || typeof text !== 'string'
      ? []
      : text.split('; ').map((line) => [type, line] as const),
  );

const answer = (row: Row, request: Members, response: Members = {}): readonly Permission[] => {
  const call = observed(`${row.source}:${row.operation}`, { request, response });
  const mapping = permissionsOf(
    { ...call, operation: { ...call.operation, eventSource: row.source } },
    nothingKnown,
  );
  return mapping.kind === 'mapped' ? mapping.permissions : [];
};

const own = (row: Row, permissions: readonly Permission[]): readonly string[] =>
  permissions
    .filter(({ action, reason }) => action === row.action.name && reason === 'operation')
    .flatMap(({ resources }) => resources);

/** Each bound member holds a name of its own. */
function named(row: Row): Members {
  const paths = new Set(
    linesOf(row)
      .filter(([, line]) => !line.startsWith('@'))
      .flatMap(([, line]) => slotsOf(line)),
  );
  return [...paths].reduce<Members>(
    (request, path, index) => put(request, path, `v${String.fromCharCode(97 + (index % 26))}${index}x`),
    {},
  );
}

/** An ARN of a type, its variables numbered. */
function arnOf(row: Row, type: string): string | undefined {
  const info = serviceInfo(row.prefix);
  const format = info?.resourceTypes.get(type)?.arns[0];
  if (info === undefined || format === undefined || !format.split(':').slice(5).join(':').includes('${'))
    return undefined;
  const arn = format
    .replaceAll('*', 'any')
    .replace('${Partition}', 'aws')
    .replace('${Region}', 'eu-west-1')
    .replace('${Account}', '111122223333')
    .replace(/\$\{[^}]*\}/g, () => `n${Math.abs(format.length % 7)}q`);
  const parsed = parseArn(arn);
  if (parsed === undefined || parsed.service.includes('$')) return undefined;
  const readings = readArn(info, parsed);
  return readings.length === 1 && readings[0]?.format.type === type ? arn : undefined;
}

const tags = /^(Tag|Untag|AddTags|RemoveTags|DeleteTags|ListTags)/;

const faults = (law: (row: Row) => readonly string[]): readonly string[] =>
  all.flatMap((row) => law(row).map((fault) => `${row.prefix}:${row.operation} ${fault}`));

describe('laws over the whole table of bindings', () => {
  test('there are operations to walk', () => {
    expect(all.length).toBeGreaterThan(3000);
  });

  test('no value fills two variables', () => {
    expect(
      faults((row) =>
        own(row, answer(row, named(row))).filter((arn) => {
          const values = arn.match(/v[a-z]\d+x/g) ?? [];
          return new Set(values).size < values.length;
        }),
      ),
    ).toEqual([]);
  });

  test('every ARN has a format of a type that the action accepts, with its partition, Region and account', () => {
    expect(
      faults((row) => {
        const service = serviceInfo(row.prefix);
        const patterns = row.action.resourceTypes.flatMap(({ name }) => {
          const type = service?.resourceTypes.get(name);
          return (type === undefined ? [] : formatsOf(type)).map(
            ({ service: owner, region, account, pattern }) => ({ owner, region, account, pattern }),
          );
        });
        return own(row, answer(row, named(row))).filter((arn) => {
          if (arn === '*') return false;
          const fields = arn.split(':');
          const resource = fields.slice(5).join(':');
          return !patterns.some(
            ({ owner, region, account, pattern }) =>
              (owner === '*' || owner === fields[2]) &&
              (region === '') === (fields[3] === '') &&
              (account === '') === (fields[4] === '') &&
              pattern.test(resource),
          );
        });
      }),
    ).toEqual([]);
  });

  test('nothing outside bound members changes the answer', () => {
    const free = {
      arguments: { '--role': 'arn:aws:iam::111122223333:role/x' },
      unboundText: 'arn:aws:iam::111122223333:role/y',
      unbound: { name: 'other', id: 'i-0123456789abcdef0', tableName: 't' },
    };
    expect(
      faults((row) => {
        const request = named(row);
        const plain = JSON.stringify(
          answer(row, request).map(({ action, resources }) => [action, resources]),
        );
        const more = JSON.stringify(
          answer(row, { ...free, ...request }).map(({ action, resources }) => [action, resources]),
        );
        return plain === more ? [] : [`${plain} -> ${more}`];
      }),
    ).toEqual([]);
  });

  test('an ARN of an accepted type in a bound member is the answer, and no other of that type', () => {
    expect(
      faults((row) =>
        linesOf(row).flatMap(([type, line]) => {
          const key = slotsOf(line).at(-1);
          const accepts = row.action.resourceTypes.some(({ name }) => name === type);
          const arn = arnOf(row, type);
          if (key === undefined || !accepts || arn === undefined || /[[~#]|^\+/.test(line)) return [];
          const found = own(row, answer(row, put({}, key, arn)));
          const service = serviceInfo(row.prefix);
          const others = found.filter((other) => {
            const parsed = other.includes('*') ? undefined : parseArn(other);
            return (
              other !== arn &&
              parsed !== undefined &&
              service !== undefined &&
              readArn(service, parsed).some(({ format }) => format.type === type)
            );
          });
          // A name without a revision stands for all of them.
          return (found.includes(arn) || found.includes(`${arn}:*`)) && others.length === 0
            ? []
            : [`${type} at ${key}: ${found.join(' ')}`];
        }),
      ),
    ).toEqual([]);
  });

  test('a tag call on one ARN grants that ARN alone', () => {
    const walked = all.filter(({ operation }) => tags.test(operation));
    expect(walked.length).toBeGreaterThan(150);
    expect(
      walked.flatMap((row) =>
        [
          ...[row.lines['@']].flatMap((paths) => (typeof paths === 'string' ? paths.split(' ') : [])),
          ...linesOf(row).flatMap(([, line]) => slotsOf(line).slice(-1)),
        ]
          .filter((path) => /arns?$/i.test(path))
          .flatMap((path) =>
            row.action.resourceTypes.flatMap(({ name }) => {
              const arn = arnOf(row, name);
              const found = arn === undefined ? [] : own(row, answer(row, put({}, path, arn)));
              return arn === undefined || (found.length === 1 && found[0]?.replace(/:\*$/, '') === arn)
                ? []
                : [`${row.prefix}:${row.operation} ${name} at ${path}: ${found.join(' ')}`];
            }),
          ),
      ),
    ).toEqual([]);
  });

  test('of two things of a type, a source and a target, both are in the answer', () => {
    let pairs = 0;
    expect(
      faults((row) => {
        const found = own(row, answer(row, named(row))).join(' ');
        return Object.entries(row.lines).flatMap(([type, text]) => {
          const accepts = row.action.resourceTypes.some(({ name }) => name === type);
          const lines = accepts && typeof text === 'string' ? text.split('; ') : [];
          const keys = lines
            .filter((line) => !/^\+?[[@~-]|[#~]/.test(line))
            .flatMap((line) => slotsOf(line).slice(-1))
            // What takes a name for an id leaves the id open.
            .filter((key) => !isNameOnly(row.prefix, [normalName(key.split('.').at(-1) ?? '')], literal('')));
          if (new Set(keys).size < 2) return [];
          pairs += 1;
          return keys
            .map((key) =>
              key
                .split('.')
                .filter((one) => one !== '**')
                .reduce<unknown>(
                  (value, part) =>
                    isObject(value) ? value[part.replace('?', '').split('|')[0] ?? ''] : value,
                  named(row),
                ),
            )
            .filter((value) => typeof value !== 'string' || !found.includes(value))
            .map((value) => `${type}: ${String(value)} is not in ${found}`);
        });
      }),
    ).toEqual([]);
    expect(pairs).toBeGreaterThan(10);
  });

  test('every required type has a resource, or the call says another', () => {
    expect(
      faults((row) => {
        const found = own(row, answer(row, named(row)));
        if (found.includes('*') || tags.test(row.operation)) return [];
        const service = serviceInfo(row.prefix);
        const keys = new Map(linesOf(row).map(([type, line]) => [type, slotsOf(line).at(-1)]));
        return row.action.resourceTypes.flatMap(({ name, required }) => {
          const type = service?.resourceTypes.get(name);
          if (!required || type === undefined || keys.get(name) !== undefined) return [];
          const has = formatsOf(type).some(({ pattern }) =>
            found.some((arn) => pattern.test(arn.split(':').slice(5).join(':'))),
          );
          return has ? [] : [`lacks ${name}: ${found.join(' ')}`];
        });
      }),
    ).toEqual([]);
  });

  test('the answer never names what the call made', () => {
    expect(
      faults((row) => {
        const made = linesOf(row).find(([, line]) => line.startsWith('+'))?.[0];
        const arn = made === undefined || !row.operation.startsWith('Create') ? undefined : arnOf(row, made);
        if (arn === undefined) return [];
        const found = own(row, answer(row, named(row), { arn, resource: { arn } }));
        return found.includes(arn) ? [arn] : [];
      }),
    ).toEqual([]);
  });
});
