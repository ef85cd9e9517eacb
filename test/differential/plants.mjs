// Faults to plant, each one change of the built program that breaks a promise, and the loader that makes it.

/** By name: the promise it breaks, the file of dist/, what stands there and what takes its place. */
export const PLANTS = {
  'conditions-dropped': {
    kind: 'wider',
    file: 'synth/held/current-grants.js',
    from: 'conditions: joined(allow.source.conditions, use.condition)',
    to: 'conditions: use.condition',
  },
  'denies-dropped': {
    kind: 'wider',
    file: 'synth/held/current-grants.js',
    from: 'const denies = statements.filter(isDeny);',
    to: 'const denies = [];',
  },
  'alternative-dropped': {
    kind: 'lost',
    file: 'synth/held/current-grants.js',
    from: 'return complete ? [complete] : grants;',
    to: 'return [complete ?? grants].flat().slice(0, 1);',
  },
  'conditions-ignored': {
    kind: 'lost',
    file: 'synth/shape/needless-grants.js',
    from: '({ ...extentOf(grant), grant })',
    to: '({ ...extentOf(grant), conditions: [], grant })',
  },
  'ways-by-variable-dropped': {
    kind: 'lost',
    file: 'iam/pattern/intersection.js',
    from: "if (a.hasVariables || b.hasVariables)\n        return 'inexpressible';",
    to: '',
  },
  'denies-unseen': {
    kind: 'falselyNotBroadened',
    file: 'iam/compare/inclusion.js',
    from: 'rules.outerDeny.length === 0 && rules.outerAllow.some',
    to: 'rules.outerAllow.some',
  },
  'variables-meet-nothing': {
    kind: 'falselyNotBroadened',
    file: 'iam/compare/request-classes.js',
    from: 'if (pattern.hasVariables)\n            maybe.push(pattern);',
    to: 'if (pattern.hasVariables)\n            continue;',
  },
};

let planted;

/** @param name which of PLANTS */
export function initialize(name) {
  planted = PLANTS[name];
}

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (planted === undefined || !url.endsWith(`/dist/${planted.file}`)) return loaded;
  const source = String(loaded.source);
  if (!source.includes(planted.from)) throw new Error(`${planted.file} does not hold: ${planted.from}`);
  return { ...loaded, source: source.replace(planted.from, () => planted.to) };
}
