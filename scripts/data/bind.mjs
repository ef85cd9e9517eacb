/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- plain JavaScript, run by Node as it is */
// Which member of a request fills which variable of which ARN format. Decided here, once, from the models; the run time
// looks the answer up.
import { normalName } from '../../dist/cloudtrail/kept-members.js';
import { singularName as singular } from '../../dist/permissions/mentions.js';

/**
 * @typedef {import('./leaves.mjs').Leaf & { number?: boolean }} Leaf
 * @typedef {{ name: string, formats: { variables: string[], service: string }[] }} Type
 * @typedef {{ slots: string[], made: boolean, score: number }} Source
 */

const suffix = /(identifier|namewithpath|withpath|nameorarn|idorarn|arnorname|arnorid|name|uuid|arn|id)$/;
/** @param {string} name `dbsnapshotidentifier` -> `dbsnapshot` */
export const baseOf = (name) => name.replace(suffix, '');
const endOf = (name) => name.slice(baseOf(name).length);

/** Levels that only hold what they are named after: `tableInput.name` is a table's name. */
const container =
  /(input|configuration|config|details?|request|settings|options|specification|spec|reference|definition|identifier|filter|override)$/;
const held = (parent) => singular(parent).replace(container, '');

/** Words before a name that say which of two things of one type is meant, and on which side it stands. */
const fromSide =
  /^(source|from|original|origin|parent|base|primary|first|existing|restored?|dependson|previous)/;
const toSide = /^(target|to|destination|dest|replica|second)/;
/** A new name of something that is there already names nothing that is there. */
const renaming =
  /^(new|updated|proposed|desired|preferred|default|last|next|previous|current|client|max|min|num)/;
/** Nor does one that is current or default name what the call is about, where another member does. */
const state = /^(current|default)(?=.{4})/;

const verbs = /^(Batch)?[A-Z][a-z]+/;
const origin = /(From|To|For|By|With|In|Into|On|Using)[A-Z].*$/;
/** @param {string} operation `BatchGetJobs` -> `job` */
export const nounOf = (operation) =>
  singular(
    normalName(operation.replace(/\d.*$/, '').replace(/V\d+$/, '').replace(verbs, '').replace(origin, '')),
  );

/** Names that say nothing of what they name: they mean what the call is about. */
const generic = new Set([
  'name',
  'id',
  'identifier',
  'resourceid',
  'resourcename',
  'resourceidentifier',
  'resource',
  'uuid',
]);

/** Never a name of a resource of the service's own. */
const never =
  /(token$|password|secret$|description|comment|marker|maxresults|maxitems|pagesize|message|^type$|status|state$|reason|timezone|payload|body$|expression$|content$|kmskeyid|kmskeyarn|rolearn|regex|timestamp|starttime|endtime|^tag|\bregion$|availabilityzone|^arn$^)/;

/** How well a member fits a variable, 0: not at all. */
function fit(variable, isOwn, typeName, leaf, context, required) {
  const names = leaf.names.map(singular);
  let best = 0;
  const vBase = baseOf(variable);
  const vEnd = endOf(variable);
  // AWS numbers what it identifies: `jobName` is no `${JobIdentifier}`.
  const givenId = (vEnd === 'id' && !context.namesAsIds) || /^(identifier|uuid)$/.test(vEnd);
  const generalVariable = vBase === '' || vBase === 'resource';
  // What a call adds to or takes from: `tablesToDelete`.
  const plain = [...names, ...leaf.names].flatMap((name) => [
    name,
    singular(name.replace(/to(add|remove|delete|create|update|put|get)$/, '')),
  ]);
  const side = leaf.parents.some((parent) => toSide.test(parent) || fromSide.test(parent)) ? 20 : 0;
  for (const name of new Set(plain)) {
    const base = baseOf(name);
    const end = endOf(name);
    const isVariable = (name === variable && !generic.has(name)) || (base === typeName && end !== '');
    const inState = required && leaf.depth === 0 && state.test(name) ? base.replace(state, '') : '';
    if (inState !== '' && end === vEnd && (inState === vBase || inState === typeName))
      best = Math.max(best, 61);
    if (!isVariable && (never.test(name) || renaming.test(name))) continue;
    const holder = held(leaf.parents.at(-1) ?? leaf.below ?? '');
    const kindFits =
      (!givenId || end !== 'name') && !(vEnd === 'name' && end === 'id' && context.names.has(`${base}name`));
    const sameEnd = end === vEnd || (vEnd === '' && end === 'name') ? 2 : 0;
    const at = (score) => void (best = Math.max(best, score + sameEnd - side - Math.min(leaf.depth, 4) * 4));
    if (name === variable && !generic.has(name)) at(leaf.depth === 0 ? 100 : 96);
    // `format` of a package is `${PackageFormat}`.
    if (!generic.has(name) && name.length > 3 && variable === typeName + name) at(68);
    if (!kindFits) continue;
    const ofVariable = generalVariable
      ? []
      : [vBase, singular(vBase)].flatMap((word) => [word, ...(context.otherNames.get(word) ?? [])]);
    const ofType = isOwn
      ? [typeName, singular(typeName)].flatMap((word) => [word, ...(context.otherNames.get(word) ?? [])])
      : [];
    const own = [...ofVariable, ...ofType].filter((word) => word.length > 0);
    if (base !== '' && ofVariable.includes(base)) at(95);
    if (base !== '' && ofType.includes(base)) at(92);
    if (generic.has(name) || base === '') {
      if (own.includes(holder))
        at(name === 'id' || name === 'name' || name === 'identifier' || name === 'arn' ? 88 : 80);
      else if (
        holder.length > 3 &&
        own.some((word) => word.length > 3 && (holder.endsWith(word) || (isOwn && word.endsWith(holder))))
      )
        at(70);
    } else if (own.includes(holder + base)) at(86);
    // A role before the name: `sourceDBSnapshotIdentifier`.
    const bare = base.replace(fromSide, '').replace(toSide, '');
    if (bare !== base && bare !== '' && own.includes(bare)) at(84);
    if (
      base.length >= 4 &&
      (end !== '' || isOwn) &&
      own.some((word) => word.length >= 4 && base.endsWith(word))
    )
      at(
        76 -
          Math.min(
            8,
            base.length - Math.max(...own.filter((word) => base.endsWith(word)).map((word) => word.length)),
          ) /
            2,
      );
    if (base.length >= 3 && end !== '' && own.some((word) => word.endsWith(base))) at(isOwn ? 66 : 60);
    const before = name.replace(versions, '');
    if (
      versions.test(variable) &&
      versions.test(name) &&
      (before === '' || before === 'semantic' || variable.startsWith(before) || before === typeName)
    )
      at(64);
    // The bare name of what the call is about.
    if (generic.has(name) && leaf.depth <= (context.wrapped ? 1 : 0) && context.owner !== undefined) {
      if (isOwn && context.owner === typeName) at(74);
      else if (!isOwn && own.includes(context.owner)) at(72);
      else if (isOwn && context.alone && context.owner === '') at(64);
    }
  }
  return best;
}

const versions = /(version|revision)(number|id|name)?$/;

/** The variables that are a type's own: those named after it or only `Name` and `Id`, else the last. */
function ownIndexes(variables, typeName) {
  const named = variables.flatMap((variable, index) =>
    baseOf(variable) === typeName ||
    baseOf(variable) === '' ||
    (variable.startsWith(typeName) && !versions.test(variable))
      ? [index]
      : [],
  );
  const last = variables.length - 1;
  return new Set(named.length > 0 && versions.test(variables[last] ?? '') ? named : [...named, last]);
}

/** What the id before a variable starts with, or `12` for an account: `ou-${OrganizationalUnitId}`. */
const shapeOf = (format, index) =>
  /^account(id)?$/.test(format.variables[index] ?? '')
    ? '12'
    : (/[a-z]+-$/.exec(format.before?.[index] ?? '')?.[0] ?? undefined);

/** Members that name things of several types, each told by its id. */
const anyId = /(target|parent|child|resource|entity|root)id(s|entifier|list)?$|^(targets?|id)$/;

/**
 * The sources of one type: for each thing of the type that the request can name, the member for each variable.
 * @param {Type} type @param {Leaf[]} leaves @param {any} context @param {boolean} required
 * @returns {Source[]}
 */
export function sourcesOf(type, leaves, context, required) {
  // `AppMonitorResource` is an `appMonitor`.
  const typeName = normalName(type.name.replace(/(?<=[a-z]{3})Resource$/, ''));
  /** @type {Source[]} */
  const sources = [];
  /** By format, how many variables have a member of their own name: of two ways to spell a type an API knows one. */
  const exact = new Map();
  const alike = type.formats.filter(({ variables }) => variables.length === type.formats[0].variables.length);
  for (const [number, format] of type.formats.entries()) {
    if (format.variables.length === 0 || format.service === '*') continue;
    const only = alike.length > 1 ? number : undefined;
    const own = ownIndexes(format.variables, typeName);
    const least = required || context.alone ? 60 : 66;
    const pairs = [];
    format.variables.forEach((variable, index) => {
      for (const leaf of leaves) {
        const score = fit(variable, own.has(index), typeName, leaf, context, required);
        if (score >= least - 16)
          pairs.push({
            index,
            leaf,
            score: score - (leaf.number && !/version|revision|id$/.test(variable) ? 30 : 0),
          });
      }
    });
    pairs.sort(
      (a, b) =>
        b.score - a.score || a.index - b.index || (a.leaf.path.join('.') < b.leaf.path.join('.') ? -1 : 1),
    );
    const chosen = new Map();
    const used = new Set();
    for (const { index, leaf, score } of pairs) {
      if (score < least || chosen.has(index) || used.has(leaf)) continue;
      chosen.set(index, { leaf, score });
      used.add(leaf);
    }
    if (only !== undefined) exact.set(only, [...chosen.values()].filter(({ score }) => score >= 98).length);
    const lastIndex = format.variables.length - 1;
    const shape = shapeOf(format, lastIndex);
    if (shape !== undefined && ![...chosen.keys()].some((index) => own.has(index))) {
      for (const leaf of leaves.filter(
        (item) => item.depth === 0 && item.names.some((name) => anyId.test(name)),
      ))
        sources.push({
          slots: format.variables.map((_, index) =>
            index === lastIndex
              ? `${leaf.path.join('.')}~${shape}`
              : (chosen.get(index)?.leaf.path.join('.') ?? '*'),
          ),
          made: false,
          score: 60,
          keyLeaf: leaf,
          keyIndex: lastIndex,
          shaped: true,
          only,
        });
      if (sources.length > 0) continue;
    }
    if (chosen.size === 0) continue;
    const ownChosen = [...chosen.keys()].filter((index) => own.has(index));
    const key = ownChosen.length > 0 ? Math.max(...ownChosen) : undefined;
    const slots = format.variables.map((_, index) => chosen.get(index)?.leaf.path.join('.') ?? '*');
    if (key === undefined) {
      if (required) sources.push({ slots, made: false, score: 0, keyLeaf: undefined, keyIndex: -1, only });
      continue;
    }
    const best = chosen.get(key);
    sources.push({ slots, made: false, score: best.score, keyLeaf: best.leaf, keyIndex: key, only });
    // The same name with another role before it names another thing of the type; with another ending the same thing again.
    const core = coreOf(best.leaf);
    const same = pairs
      .filter(
        ({ index, leaf, score }) => index === key && leaf !== best.leaf && score >= 56 && !used.has(leaf),
      )
      .filter(
        ({ leaf }) =>
          coreOf(leaf) === core &&
          (leaf.parents.join() === best.leaf.parents.join() || isElsewhere(leaf, best.leaf)),
      );
    for (const { leaf, score } of same.slice(0, 5)) {
      if (used.has(leaf)) continue;
      used.add(leaf);
      sources.push({
        slots: onSide(slots, leaf, leaves).with(key, leaf.path.join('.')),
        made: false,
        score,
        keyLeaf: leaf,
        keyIndex: key,
        only,
      });
    }
  }
  const most = Math.max(...exact.values());
  return ranked(sources.filter(({ only }) => only === undefined || exact.get(only) === most));
}

/** The same member of another list: `queueConfigs.queueId` beside `manualQueueConfigs.queueId`. */
const isElsewhere = (leaf, other) =>
  leaf.list &&
  other.list &&
  leaf.name === other.name &&
  leaf.depth === other.depth &&
  leaf.depth <= 2 &&
  !generic.has(leaf.name);

const sideOf = (leaf) => (fromSide.test(leaf.name) ? 'from' : toSide.test(leaf.name) ? 'to' : '');

/** Parents on the same side: `targetKeyspaceName` of `targetTableName`, though the source's were found first. */
function onSide(slots, leaf, leaves) {
  if (sideOf(leaf) !== 'to') return slots;
  return slots.map((slot) => {
    const parent = leaves.find((other) => other.path.join('.') === slot);
    if (parent === undefined || sideOf(parent) !== 'from') return slot;
    const wanted = parent.name.replace(fromSide, toSide.exec(leaf.name)?.[0] ?? '');
    return (
      leaves.find((other) => other.name === wanted && other.depth === parent.depth)?.path.join('.') ?? slot
    );
  });
}

const endRank = (leaf) => {
  const end = endOf(singular(leaf.name));
  return end === 'arn' ? 0 : end === 'name' ? 2 : 1;
};

/** Members for one thing in the order they are believed: what follows the first counts only without it. */
function ranked(sources) {
  const keyed = sources.filter(({ keyLeaf }) => keyLeaf !== undefined);
  const sides = new Map();
  for (const source of keyed) {
    const side = source.shaped
      ? source.keyLeaf.name
      : `${sideOf(source.keyLeaf)} ${source.keyIndex} ${source.slots.length} ${source.only ?? ''} ${source.keyLeaf.list ? source.keyLeaf.parents.join() : ''}`;
    sides.set(side, [...(sides.get(side) ?? []), source]);
  }
  return [
    ...sources.filter(({ keyLeaf }) => keyLeaf === undefined),
    ...[...sides.values()].flatMap((group) =>
      group
        .sort((a, b) => endRank(a.keyLeaf) - endRank(b.keyLeaf))
        .map((source, index) => ({ ...source, again: index > 0 })),
    ),
  ];
}

const coreOf = (leaf) => {
  const base = baseOf(singular(leaf.name));
  const bare = base.replace(fromSide, '').replace(toSide, '');
  const holder = leaf.parents.length > 0 ? held(leaf.parents[leaf.parents.length - 1]) : '';
  return bare === '' ? holder.replace(fromSide, '').replace(toSide, '') : bare;
};

export const isFromSide = (leaf) =>
  fromSide.test(leaf.name) || leaf.parents.some((parent) => fromSide.test(parent));

/** Members that hold ARNs, by their names. */
export const isArnLeaf = (leaf, hasRoles) =>
  leaf.names.some((name) => /arns?$|arnlist$|^resource(s|name|id|ids|identifier)?$|targetid$/.test(name)) &&
  !leaf.names.some((name) => /kms|principal|callerarn/.test(name) || (!hasRoles && /rolearn/.test(name)));

/** Members that say what a call is about by an ARN alone (IoT API Reference, AttachPolicy, target). */
export const isSubject = (leaf) =>
  leaf.depth === 0 && leaf.names.some((name) => /^(target|principal)$/.test(name));
