/**
 * A session name with its machine-made parts replaced by `#`, so that roles whose sessions are named after
 * instances, tasks or time stamps do not multiply facts: `i-0abc12de34f567890` -> `i-#`, `alice@example.com` stays.
 * Applying it twice changes nothing.
 */
export function sessionShape(name: string): string {
  let shape = name.slice(0, 64);
  // What stood beside a replaced part may now stand alone.
  for (let before = ''; shape !== before;) {
    before = shape;
    shape = before
      .replace(/[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}/g, '#')
      .replace(/(?<![A-Za-z0-9])(?=[a-fA-F]*[0-9])[0-9a-fA-F]{8,}(?![A-Za-z0-9])/g, '#')
      .replace(/[0-9]{6,}/g, '#');
  }
  return shape;
}
