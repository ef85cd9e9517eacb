import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../iam/input-error.ts';
import { byCodeUnit } from '../iam/order.ts';
import { printableShort } from '../iam/printable.ts';
import { type Holder } from './holder.ts';

/** A file under the path that was given. */
interface FoundFile {
  /** Where to read it. */
  readonly file: string;
  /** Names below the given path, the file's own last; empty when the path is itself a file. */
  readonly segments: readonly string[];
}

/** Written beside policies by `generate --out` and `retighten`; they say nothing about what is held. */
const notPolicies = /^((boundary-)?evidence|boundary|recorded|retighten)\.json$/;

/**
 * The file itself, or the `.json` files of a folder at any depth, in a fixed order. Symbolic links are followed, each
 * folder once; names that start with a dot, and what is written beside policies, are passed over.
 */
export async function policyFiles(path: string): Promise<readonly FoundFile[]> {
  const found: FoundFile[] = [];
  const visited = new Set<string>();

  const walk = async (file: string, segments: readonly string[]): Promise<void> => {
    const about = await reading(file, () => stat(file));
    if (about.isDirectory()) {
      const real = await reading(file, () => realpath(file));
      if (visited.has(real)) return;
      visited.add(real);
      const names = await reading(file, () => readdir(file));
      for (const name of names.sort(inFileOrder)) {
        if (!name.startsWith('.')) await walk(join(file, name), [...segments, name]);
      }
      return;
    }
    const name = segments.at(-1);
    const wanted = name === undefined || (name.toLowerCase().endsWith('.json') && !notPolicies.test(name));
    if (wanted) found.push({ file, segments });
  };

  await walk(path, []);
  if (found.length === 0) {
    throw new InputError(
      `${printableShort(path)}: holds no .json file; give policy files, or the output of "aws iam get-account-authorization-details"`,
    );
  }
  return found;
}

/** `policy.json`, `policy-2.json`, ..., `policy-10.json` as they were numbered, then `policy-unseen.json`, ...; all other names by code unit. */
function inFileOrder(a: string, b: string): number {
  return policyNumber(a) - policyNumber(b) || byCodeUnit(a, b);
}

function policyNumber(name: string): number {
  const parts = /^policy(-unseen)?(?:-(\d{1,4}))?\.json$/.exec(name);
  if (parts === null) return 0;
  return Number(parts[2] ?? 1) + (parts[1] === undefined ? 0 : 10_000);
}

/** Whom a policy file belongs to, told by the folders it is in. */
export interface Owner extends Pick<Holder, 'kind' | 'account' | 'name'> {
  /** The folder of the Identity Center instance; '' for roles and users. */
  readonly instance: string;
}

/** `…/<account>/<role|user>/<name>/*.json`, the same without the account, or `…/permission-sets/<instance>/<name>/*.json`; else undefined. */
export function ownerOf(segments: readonly string[]): Owner | undefined {
  const [kind, name, file] = segments.slice(-3);
  if (kind === undefined || name === undefined || file === undefined) return undefined;
  const above = segments.at(-4) ?? '';
  if (above === 'permission-sets') return { kind: 'permission-set', account: '', name, instance: kind };
  if (kind !== 'role' && kind !== 'user') return undefined;
  return { kind, account: /^\d{12}$/.test(above) ? above : '', name, instance: '' };
}

/**
 * A file as text. PowerShell's `>` writes UTF-16 with a byte order mark, so both that and UTF-8 are read:
 * https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.core/about/about_character_encoding
 */
export async function fileText(file: string): Promise<string> {
  const bytes = await reading(file, () => readFile(file));
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return reading(file, () => Promise.resolve(new TextDecoder(utf16 ? 'utf-16le' : 'utf-8').decode(bytes)));
}

async function reading<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    const why = code === 'ENOENT' ? 'no such file or folder' : `cannot be read (${code})`;
    throw new InputError(`${printableShort(file)}: ${why}`, { cause });
  }
}
