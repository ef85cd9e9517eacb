import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../iam/input-error.ts';
import { printableShort } from '../../iam/printable.ts';

/** The settings of a section; those of a nested one (`s3 =` and lines below) as `s3.endpoint_url`. */
type Section = ReadonlyMap<string, string>;

/**
 * The shared configuration files: https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 * Profiles are of both, the credentials file wins; a file that is not there is empty. @throws InputError for one that cannot be read
 */
export function sharedConfig() {
  const profiles = new Map<string, Map<string, string>>();
  const services = new Map<string, Map<string, string>>();
  /** Of IAM Identity Center. */
  const sessions = new Map<string, Map<string, string>>();
  const kinds = new Map([
    ['profile', profiles],
    ['services', services],
    ['sso-session', sessions],
  ]);
  for (const [title, settings] of sectionsOf('AWS_CONFIG_FILE', 'config')) {
    const [, kind = '', name = ''] =
      /^(\S+)\s+(.+)$/.exec(title === 'default' ? 'profile default' : title) ?? [];
    const map = kinds.get(kind);
    if (map) into(map, unquoted(name), settings);
  }
  for (const [title, settings] of sectionsOf('AWS_SHARED_CREDENTIALS_FILE', 'credentials'))
    into(profiles, unquoted(title), settings);
  return { profiles, services, sessions };
}

function into(map: Map<string, Map<string, string>>, name: string, settings: Section): void {
  map.set(name, new Map([...(map.get(name) ?? []), ...settings]));
}

/** `aws configure` puts a name with spaces in quotes. */
const unquoted = (name: string): string => /^(["'])(.*)\1$/.exec(name)?.[2] ?? name;

function sectionsOf(variable: string, name: string): readonly (readonly [string, Section])[] {
  const file = (process.env[variable] ?? '').replace(/^~(?=\/)/, homedir()) || join(homedir(), '.aws', name);
  if (!existsSync(file)) return [];
  const content = configuredText(file, (name) => `${name}: cannot be read; check its permissions`);
  const found: [string, Map<string, string>][] = [];
  let nested = '';
  for (const line of content.split(/\r?\n/)) {
    const text = line.replace(/(?:^|\s)[#;].*$/, '').trim();
    const title = /^\[(.*)\]$/.exec(text)?.[1];
    const [, key, value = ''] = /^([^=]+?)\s*=\s*(.*)$/.exec(text) ?? [];
    if (title !== undefined) {
      found.push([title.trim(), new Map<string, string>()]);
      nested = '';
    } else if (key !== undefined) {
      if (!/^\s/.test(line)) nested = value === '' ? `${key}.` : '';
      if (value !== '') found.at(-1)?.[1].set(/^\s/.test(line) ? nested + key : key, value);
    }
  }
  return found;
}

/** The text of a file. @param complaint what is said where it cannot be read */
export function configuredText(file: string, complaint: (file: string) => string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new InputError(complaint(printableShort(file)), { cause });
  }
}
