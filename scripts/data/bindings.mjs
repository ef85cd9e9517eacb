/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- plain JavaScript, run by Node as it is */
// The table of bindings, by IAM prefix and operation.
import { baseOf, isArnLeaf, isFromSide, isSubject, nounOf, sourcesOf } from './bind.mjs';
import { normalName } from '../../dist/cloudtrail/kept-members.js';
import { singularName as singular } from '../../dist/permissions/mentions.js';
import { isCreating } from '../../dist/permissions/resources.js';
import { leavesOf } from './leaves.mjs';

const withoutPlural = (word) => (word.length > 4 ? word.replace(/s$/, '') : word);
const verbs = /^(Batch)?[A-Z][a-z]+/;
const origin = /(From|To)[A-Z].*$/;

/** How well a type fits what a creating call makes, by the noun in its name; 0: not at all. The noun's end names the thing. */
function fitAsSubject(operation, type, variable) {
  const noun = withoutPlural(
    normalName(
      operation
        .replace(/\d{8}.*$/, '')
        .replace(origin, '')
        .replace(verbs, ''),
    ),
  );
  const one = withoutPlural(type);
  if (noun === '') return 0;
  if (noun === one) return 4000;
  const fits = [one, baseOf(variable)].map((word) => {
    if (word === '') return 0;
    if (noun === word) return 3000;
    if (word.length > 2 && noun.endsWith(word)) return 2000 + word.length;
    return noun.length > 2 && word.startsWith(noun) ? 2000 : 0;
  });
  return Math.max(...fits) || (noun.startsWith(one) ? one.length : 0);
}

/** A name of what is made must be said, or stands in a structure that means it: another is of a parent or of something else. */
const isAside = (leaf, type) => {
  const parent = leaf.parents.at(-1) ?? '';
  return (
    leaf.depth > 0 &&
    !leaf.required &&
    !parent.startsWith(normalName(type)) &&
    !normalName(type).endsWith(parent)
  );
};

const makes = /^(Put|Upload|Add|Enable|Deploy|Associate|Authorize|Invite|Activate)/;

const variablesOf = (arn) =>
  [
    ...arn
      .split(':')
      .slice(5)
      .join(':')
      .replaceAll('*', '${any}')
      .matchAll(/\$\{([^}]*)\}/g),
  ].map(([, name]) => normalName(name));

/** The text before each variable. */
const beforeOf = (arn) =>
  arn
    .split(':')
    .slice(5)
    .join(':')
    .replaceAll('*', '${any}')
    .split(/\$\{[^}]*\}/);

/** @param {Map<string, readonly string[]>} resourceTypes */
export const typesOf = (resourceTypes) =>
  new Map(
    [...resourceTypes].map(([name, { arns }]) => [
      name,
      {
        name,
        formats: arns.map((arn) => ({
          variables: variablesOf(arn),
          before: beforeOf(arn),
          service: arn.split(':')[2]?.startsWith('$') ? '*' : arn.split(':')[2],
        })),
      },
    ]),
  );

/** Which type the bare `name` of the service's calls means, where a call's own name does not tell: most calls' meaning. */
function ownerOfNames(model, types) {
  const counts = new Map();
  for (const operation of model.operations.values()) {
    const shape = operation.input();
    if (shape.kind !== 'struct' || !shape.members.some(({ name }) => normalName(name) === 'name')) continue;
    const type = typeOfNoun(nounOf(operation.name), types);
    if (type !== undefined && !isCreating(operation.name)) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  const [first, second] = [...counts].sort((a, b) => b[1] - a[1]);
  return first !== undefined && (second === undefined || first[1] > second[1] * 3) ? first[0] : undefined;
}

/** The type a noun means: of that name, or the longest that ends or starts it. */
function typeOfNoun(noun, types) {
  if (noun.length < 2) return undefined;
  let best;
  let length = 0;
  for (const { name, formats } of types.values()) {
    const plain = singular(normalName(name));
    const last = formats[0]?.variables.at(-1) ?? '';
    const bases = [
      plain,
      ...(baseOf(last).length > 2 && !/^(version|revision|resource|any|suffix|region)/.test(baseOf(last))
        ? [baseOf(last)]
        : []),
    ];
    for (const base of bases) {
      const score =
        noun === base
          ? 1000 + (base === plain ? 1 : 0)
          : base.length > 2 && noun.endsWith(base)
            ? 100 + base.length
            : base.length > 2 && noun.startsWith(base)
              ? base.length
              : 0;
      if (score > length) {
        best = normalName(name);
        length = score;
      }
    }
  }
  return best;
}

const namesAsIds = new Set([
  'databrew',
  'iotfleetwise',
  'mediatailor',
  'personalize',
  'proton',
  'route53-recovery-readiness',
]);
const otherNames = new Map([
  ['app', ['application']],
  ['cluster', ['jobflow']],
]);

/**
 * The rows of one model.
 * @param {import('./models.mjs').Model} model @param {import('./models.mjs').Model | undefined} older
 * @param {(operation: string) => readonly { name: string, accessLevel: string, resourceTypes: readonly { name: string, required: boolean }[] }[]} actionsOf
 * @param {(prefix: string) => any} serviceInfo @param {(service: string, operation: string) => string} taggingActionOf
 */
export function* rowsOf(model, older, actionsOf, serviceInfo, taggingActionOf) {
  for (const operation of model.operations.values()) {
    const actions = actionsOf(operation.name);
    if (actions.length === 0) continue;
    const input = operation.input();
    const below = labelsOf(operation.uri);
    const leaves = leavesOf(input, older?.operations.get(operation.name)?.input())
      .filter((leaf) => !leaf.path.some((segment) => /^tags?($|list)/i.test(segment)))
      .map((leaf) =>
        leaf.depth === 0
          ? {
              ...leaf,
              below: leaf.names
                .map((name) => (name.endsWith('arn') ? undefined : below.get(name)))
                .find(Boolean),
            }
          : leaf,
      );
    for (const action of actions) {
      const prefix = action.name.slice(0, action.name.indexOf(':'));
      const service = serviceInfo(prefix);
      if (service === undefined) continue;
      const types = typesOf(service.resourceTypes);
      const creates = isCreating(operation.name);
      const isNew = /^(Create|Submit)/.test(operation.name);
      const isMaking = creates || makes.test(operation.name);
      const tagging = isMaking
        ? service.actions.get(
            taggingActionOf(prefix, operation.name)
              .slice(prefix.length + 1)
              .toLowerCase(),
          )
        : undefined;
      const accepted = new Map(action.resourceTypes.map(({ name, required }) => [name, required]));
      const made = isMaking ? madeTypes(operation.name, action, tagging, types) : new Set();
      const noun = nounOf(operation.name);
      const owner = typeOfNoun(noun, types) ?? ownerOfNames(model, types);
      const withVariables = [...accepted.keys()].filter((name) =>
        types.get(name)?.formats.some(({ variables }) => variables.length > 0),
      );
      /** @type {Record<string, string>} */
      const row = {};
      const roles = leaves.filter(isRoleLeaf).map((leaf) => leaf.path.join('.'));
      const arns = leaves
        .filter((leaf) => isArnLeaf(leaf, types.has('role')))
        .map((leaf) => leaf.path.join('.'));
      const madeKeys = new Set();
      const found = new Map();
      // What the call makes first: its name is no name or parent of what was there before.
      const names = [...new Set([...made, ...accepted.keys()])];
      for (const name of names) {
        const type = types.get(name);
        if (type === undefined) continue;
        const context = {
          namesAsIds: namesAsIds.has(prefix),
          otherNames,
          owner: owner ?? '',
          names: new Set(leaves.flatMap((leaf) => leaf.names.map(singular))),
          alone: withVariables.length === 1,
          wrapped: input.kind === 'struct' && input.members.length === 1,
        };
        const isMade = made.has(name);
        const required = accepted.get(name) === true || isMade || withVariables.length === 1;
        const free = isMade || !creates ? leaves : leaves.filter((leaf) => !madeKeys.has(leaf));
        const sources = sourcesOf(type, free, context, required);
        for (const source of sources) {
          const { keyLeaf } = source;
          source.made =
            isMade && keyLeaf !== undefined && !isFromSide(keyLeaf) && !(isNew && isAside(keyLeaf, name));
          if (source.made) madeKeys.add(source.keyLeaf);
        }
        found.set(name, sources);
      }
      if ([...found.values()].every((sources) => sources.length === 0))
        arns.push(...leaves.filter(isSubject).map((leaf) => leaf.path.join('.')));
      // One member that may name a thing of any of several types: those that it does not name are alternatives.
      const identifying = leaves.filter(
        (leaf) =>
          leaf.depth === 0 &&
          leaf.required &&
          /(id|name|arn|identifier|ids|names|arns|resource|resources)$/.test(leaf.name),
      );
      const whole = identifying.filter(({ name }) => /^(source|destination|target|from|to)arn$/.test(name));
      const alternatives = (
        identifying.length === 1 ? identifying : whole.length === identifying.length ? whole : []
      ).map((leaf) => leaf.path.join('.'));
      const sourceless = [...found].filter(
        ([name, sources]) => sources.length === 0 && accepted.get(name) === true && !made.has(name),
      ).length;
      for (const [name, sources] of found) {
        const lines = sources.map(({ slots, made: isMade, keyLeaf, again, only }) => {
          const format = only === undefined ? '' : `%${only}`;
          if (keyLeaf === undefined) return `${made.has(name) ? '+' : ''}~${format}${slots.join(' ')}`;
          return `${isMade ? '+' : ''}${again ? '-' : ''}${format}${slots.join(' ')}`;
        });
        const aside = sources.find(({ keyLeaf }) => keyLeaf !== undefined && isAside(keyLeaf, name));
        if (lines.length === 0 && made.has(name)) lines.push('+~');
        else if (
          isNew &&
          aside !== undefined &&
          made.has(name) &&
          fitAsSubject(operation.name, normalName(name), '') > 0 &&
          sources.every((source) => !source.made)
        )
          lines.unshift(`+~${aside.slots.with(aside.keyIndex, '*').join(' ')}`);
        const hasVariables = types
          .get(name)
          ?.formats.some(({ variables }) => variables.some((variable) => variable !== 'any'));
        if (
          lines.length === 0 &&
          accepted.get(name) === true &&
          hasVariables &&
          alternatives.length > 0 &&
          sourceless > 1
        )
          lines.push(...alternatives.map((path) => `@${path}`));
        const variables = types.get(name)?.formats[0]?.variables ?? [];
        if (lines.length === 0 && accepted.get(name) === true && hasVariables)
          lines.push(`~${variables.map(() => '*').join(' ')}`);
        if (lines.length > 0) row[name] = [...new Set(lines)].join('; ');
      }
      const answers = isMaking ? [] : answersOf(operation, accepted);
      yield {
        prefix,
        operation: operation.name,
        accepted: new Set([...accepted.keys(), ...made]),
        row: {
          ...(arns.length > 0 && accepted.size > 0 ? { '@': arns.join(' ') } : {}),
          ...(roles.length > 0 ? { $: roles.join(' ') } : {}),
          ...(answers.length > 0 ? { '<': answers.join(' ') } : {}),
          ...row,
        },
      };
    }
  }
}

/** What stands before each variable of a path: in `/fuota-tasks/{Id}` `id` is one of `fuotatasks`. */
const labelsOf = (uri) =>
  new Map(
    [...uri.matchAll(/\/([A-Za-z][\w-]*)\/\{(\w+)\+?\}/g)].map(([, before, name]) => [
      normalName(name),
      normalName(before),
    ]),
  );

/** Members that name a role or an instance profile, by ARN or bare name. */
const isRoleLeaf = (leaf) =>
  leaf.names.some((name) =>
    /role(arns?|names?|id)?s?(override|for[a-z]+)?$|^iamrolefor[a-z]+arn$|^snscallerarn$|^deliverlogspermissionarn$|instanceprofile(arn|name|id)?$|^jobflowrole$|^defaultinstanceprofilearn$/.test(
      name,
    ),
  ) ||
  /^roles(\?)?$/i.test(leaf.path.at(-2) ?? '') ||
  (leaf.names.some((name) => /^(arn|name)$/.test(name)) &&
    /role$|instanceprofile$/.test(leaf.parents.at(-1) ?? ''));

/** ARNs of one thing in the answer of a call that makes nothing: what the call was about. */
function answersOf(operation, accepted) {
  if (accepted.size === 0) return [];
  const nouns = new Set([...accepted.keys()].map(normalName));
  return leavesOf(operation.output(), undefined)
    .filter(
      (leaf) =>
        !leaf.list &&
        leaf.depth <= 2 &&
        leaf.names.some(
          (name) =>
            (name.endsWith('arn') && isArnLeaf(leaf, true)) ||
            (name.endsWith('id') && nouns.has(baseOf(name))),
        ),
    )
    .map((leaf) => leaf.path.join('.'))
    .slice(0, 8);
}

function madeTypes(operation, action, tagging, types) {
  const accepted = new Set(
    [...action.resourceTypes, ...(tagging?.resourceTypes ?? [])].map(({ name }) => name),
  );
  const required = action.resourceTypes.filter((type) => type.required).map(({ name }) => name);
  const fits = [...accepted].map((name) => {
    const variables = (types.get(name)?.formats ?? []).map((format) => format.variables.at(-1) ?? '');
    const fit = Math.max(
      ...[...variables, ''].map((variable) => fitAsSubject(operation, normalName(name), variable)),
    );
    return { name, fit: fit > 0 && required.includes(name) ? fit + 500 : fit };
  });
  const best = Math.max(0, ...fits.map(({ fit }) => fit));
  const made = fits.filter(({ fit }) => fit > 0 && fit === best).map(({ name }) => name);
  const only = required.filter((name) => accepted.has(name));
  // `RestoreFromClusterSnapshot` makes what it is not made from.
  const tail = /^[A-Z][a-z]+(From)([A-Z]\w*)$/.exec(operation)?.[2];
  if (tail !== undefined && made.length === 0) {
    const rest = only.filter((name) => fitAsSubject(`Get${tail}`, normalName(name), '') < 1000);
    if (rest.length === 1) return new Set(rest);
  }
  if (!isCreating(operation)) return new Set(best >= 1000 ? made : []);
  return new Set(only.length === 1 && (made.length === 0 || best < 1000) ? only : made);
}
