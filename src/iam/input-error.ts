/** A mistake of the person who runs the tool: one line saying what, where and what to do. Exit code 2. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** A text as JSON. @throws InputError that says where it stands and what to give instead */
export function parsedJson(text: string, where: string, how: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError(`${where}: not JSON; ${how}`, { cause });
  }
}
