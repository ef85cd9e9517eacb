/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- plain JavaScript, run by Node as it is */
// The members of a request or an answer that hold text, with their paths.

import { normalName } from '../../dist/cloudtrail/kept-members.js';

const lowerFirst = (name) => name.charAt(0).toLowerCase() + name.slice(1);

const maxDepth = 7;
const maxLeaves = 3000;

/**
 * @typedef {{ path: string[], name: string, names: string[], parents: string[], list: boolean, required: boolean, depth: number }} Leaf
 * `path`: member names, a second spelling after `|`, `**` for any depth below a shape that holds itself.
 */

/**
 * The text members of a shape. Maps hold names of the caller's own: of what stands below these only ARNs are told. A shape that holds itself is entered
 * once, under `**`.
 * @param {import('./models.mjs').Shape} shape @param {import('./models.mjs').Shape | undefined} older the same shape with wire names
 * @returns {Leaf[]}
 */
export function leavesOf(shape, older) {
  /** @type {Leaf[]} */
  const leaves = [];
  const recursive = new Set();
  const find = (node, stack) => {
    if (node.kind === 'list' || node.kind === 'map') return find(node.of(), stack);
    if (node.kind !== 'struct' || stack.length > maxDepth) return;
    if (stack.includes(node)) return void recursive.add(node);
    for (const member of node.members) find(member.shape(), [...stack, node]);
  };
  find(shape, []);
  const seen = new Set();
  const walk = (node, old, at, inList) => {
    if (leaves.length >= maxLeaves || at.path.length > maxDepth) return;
    if (node.kind === 'list') return walk(node.of(), old?.kind === 'list' ? old.of() : undefined, at, true);
    if (node.kind === 'string' || node.kind === 'number') {
      const name = at.names[0] ?? '';
      if (name !== '' && !(at.inMap && !/arns?$/.test(name)))
        leaves.push({ ...at, name, list: inList, depth: at.path.length - 1, number: node.kind === 'number' });
      return;
    }
    // Of texts in maps only roles are told: the keys of theirs are AWS's own (Cognito Identity API Reference, SetIdentityPoolRoles).
    if (node.kind === 'map' && /^roles$/.test(at.names[0] ?? ''))
      leaves.push({
        ...at,
        path: [...at.path, '**'],
        name: 'role',
        names: ['role'],
        list: true,
        depth: at.path.length,
        number: false,
      });
    if (node.kind === 'map')
      return walk(node.of(), undefined, { ...at, path: [...at.path, '**'], names: [''], inMap: true }, true);
    if (node.kind !== 'struct') return;
    let path = at.path;
    if (recursive.has(node)) {
      if (at.inside.includes(node)) return;
      // Below a shape that holds itself each member is bound once, at any depth.
      if (path.at(-1) !== '**') path = [...path, '**'];
    }
    if (recursive.has(node) && seen.has(node)) return;
    if (recursive.has(node)) seen.add(node);
    for (const member of node.members) {
      const oldMember =
        old?.kind === 'struct' ? old.members.find(({ name }) => name === member.name) : undefined;
      const spellings = [member.name, member.wire, oldMember?.wire ?? member.name];
      const distinct = [...new Map(spellings.map((name) => [normalName(name), name])).values()];
      const segment = distinct.map(lowerFirst).join('|') + (member.payload ? '?' : '');
      walk(
        member.shape(),
        oldMember?.shape(),
        {
          path: [...path, segment],
          names: distinct.map(normalName),
          parents: [...at.parents, ...(at.names[0] === undefined ? [] : [at.names[0]])],
          inside: [...at.inside, node],
          inMap: at.inMap,
          required: member.required && at.required,
        },
        inList,
      );
    }
  };
  walk(shape, older, { path: [], names: [], parents: [], inside: [], inMap: false, required: true }, false);
  return leaves.map(({ inside: _, inMap: __, ...leaf }) => leaf);
}
