/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- plain JavaScript, run by Node as it is */
// What was looked up by hand, put over what the models give: data/overrides/bindings.json and types.json.

const escapeRegExp = (text) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');

/** A line of a row: what stands before its slots, the member that this asks for, and the slots. @param {string} line */
export function lineOf(line) {
  const [head, when] = /^(?:\[([^=\]]+)[^\]]*\])?[+~@-]*(?:%\d)?/.exec(line);
  return { head, when, slots: line.slice(head.length).split(' ') };
}

/** @param {string} names `Create* DeleteRule` @param {string} operation */
const names = (patterns, operation) =>
  patterns
    .split(' ')
    .some((pattern) => new RegExp(`^${escapeRegExp(pattern).replaceAll('*', '.*')}$`).test(operation));

/**
 * A row with the overrides of its operation: a type's line replaces the generated one, '' takes it away.
 * @param {{ groups: any[] }} overrides @param {string} prefix @param {string} modelID @param {string} operation @param {Record<string, string>} row @param {Set<string>} accepted
 */
export function overridden(overrides, prefix, modelID, operation, row, accepted) {
  const result = { ...row };
  for (const group of overrides.groups) {
    if (group.prefix !== prefix || (group.model !== undefined && group.model !== modelID)) continue;
    for (const [patterns, lines] of Object.entries(group.operations)) {
      if (!names(patterns, operation)) continue;
      for (const [type, line] of Object.entries(lines)) {
        if (!'@<$'.includes(type) && !accepted.has(type)) continue;
        if (line === '') delete result[type];
        else result[type] = line;
      }
    }
  }
  return result;
}

/** What a service takes where a member is absent (`default`), put into the slots of that variable; with `always` also where the request has no such member. */
export function withDefaults(defaults, prefix, types, row) {
  const own = defaults[prefix];
  if (own === undefined) return row;
  return Object.fromEntries(
    Object.entries(row).map(([type, lines]) => {
      const formats = types.get(type)?.formats ?? [];
      const filled = lines.split('; ').map((line) => {
        const { head, slots } = lineOf(line);
        const format = formats.find(({ variables }) => variables.length === slots.length);
        if (format === undefined || head.includes('@')) return line;
        return (
          head +
          slots
            .map((slot, index) => {
              const value = own.values[format.variables[index]];
              if (value === undefined || slot.includes('=')) return slot;
              if (slot === '*' || slot === '') return own.always === true ? `=${value}` : slot;
              return `${slot}=${value}`;
            })
            .join(' ')
        );
      });
      return [type, '@<$'.includes(type) ? lines : filled.join('; ')];
    }),
  );
}

/** A row without the ARN members that name a type anyway: keys are read as ARNs too. */
export function withoutRepeats(row) {
  if (row['@'] === undefined) return row;
  const keyed = new Set(
    Object.entries(row).flatMap(([type, lines]) =>
      '@<$'.includes(type)
        ? []
        : lines
            .split('; ')
            .map(lineOf)
            .filter(({ head }) => !head.includes('~'))
            .map(({ slots }) => slots.findLast((slot) => slot !== '*' && !slot.startsWith('='))),
    ),
  );
  const arns = row['@'].split(' ').filter((path) => !keyed.has(path));
  const { '@': _, ...rest } = row;
  return arns.length === 0 ? rest : { '@': arns.join(' '), ...rest };
}
