/** A mistake of the person who runs the tool: one line saying what, where and what to do. Exit code 2. */
export class InputError extends Error {
  override readonly name = 'InputError';
}
