import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isObject } from '../../src/iam/json.ts';
import { project } from '../cli/cli.ts';
import { cache, freePort, must, started, Unavailable, type Engine } from './engine.ts';

const version = '476';

/** The cells of a row as texts, by column. */
export type Row = Readonly<Record<string, string | null>>;

export interface Trino extends Engine {
  /** Runs a statement; in catalogue `memory` tables are in memory, in `hive` over the files below `files`. */
  readonly rows: (statement: string, catalogue?: 'memory' | 'hive') => Promise<Row[]>;
  /** What is `local:///` in locations of catalogue `hive`. */
  readonly files: string;
  /** Milliseconds of CPU of the last statement. */
  readonly cpu: () => number;
}

/** A Java of 24 or later among all that are installed. @throws Unavailable */
function java(): string {
  const folders = existsSync('/usr/lib/jvm') ? readdirSync('/usr/lib/jvm') : [];
  const homes = [process.env['JAVA_HOME'] ?? '', ...folders.map((name) => join('/usr/lib/jvm', name))];
  for (const home of homes.filter((one) => existsSync(join(one, 'bin/java')))) {
    const text = must('Java', join(home, 'bin/java'), ['--version']);
    if (Number(/^\S+ (\d+)/.exec(text)?.[1] ?? 0) >= 24) return join(home, 'bin/java');
  }
  throw new Unavailable('Trino needs Java 24 or later, and none is installed');
}

/** Catalogues by the name of their plugin. */
const catalogues = (files: string): Readonly<Record<'memory' | 'hive', readonly string[]>> => ({
  memory: [],
  hive: [
    'hive.metastore=file',
    'hive.metastore.catalog.dir=local:///metastore',
    'fs.native-local.enabled=true',
    `local.location=${files}`,
    'hive.partition-projection-enabled=true',
    'hive.non-managed-table-writes-enabled=true',
    'hive.ignore-absent-partitions=true',
  ],
});

/** Trino of Maven's jars, installed once. @throws Unavailable */
export async function trino(): Promise<Trino> {
  const run = java();
  const place = join(cache, 'trino');
  mkdirSync(join(place, 'etc/catalog'), { recursive: true });
  const pom = join(project, 'test/engines/pom.xml');
  if (!existsSync(join(place, 'lib', `trino-main-${version}.jar`)))
    must('Trino from Maven', 'mvn', [
      '-qBf',
      pom,
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      `-DoutputDirectory=${join(place, 'lib')}`,
    ]);
  const files = mkdtempSync(join(tmpdir(), 'trino-files-'));
  for (const [name, lines] of Object.entries(catalogues(files))) {
    const zip = join(
      homedir(),
      `.m2/repository/io/trino/trino-${name}/${version}/trino-${name}-${version}.zip`,
    );
    if (!existsSync(join(place, 'plugin', `trino-${name}-${version}`))) {
      const artifact = `-Dartifact=io.trino:trino-${name}:${version}:zip`;
      must(`trino-${name} from Maven`, 'mvn', ['-q', '-B', 'dependency:get', artifact, '-Dtransitive=false']);
      must('unzip', 'unzip', ['-q', '-o', zip, '-d', join(place, 'plugin')]);
    }
    const catalogue = [`connector.name=${name}`, ...lines, ''].join('\n');
    writeFileSync(join(place, 'etc/catalog', `${name}.properties`), catalogue);
  }
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = join(place, 'etc/config.properties');
  writeFileSync(
    config,
    [
      'coordinator=true',
      'node-scheduler.include-coordinator=true',
      `http-server.http.port=${port}`,
      `discovery.uri=${url}`,
      'node.internal-address=127.0.0.1',
      'http-server.log.enabled=false',
      `plugin.dir=${join(place, 'plugin')}`,
      `catalog.config-dir=${join(place, 'etc/catalog')}`,
      'query.max-memory=512MB',
      'query.max-memory-per-node=512MB',
      '',
    ].join('\n'),
  );
  // Of an earlier layout.
  rmSync(join(place, 'etc/catalog/awsdatacatalog.properties'), { force: true });
  const engine = await started(
    [
      run,
      '-Xmx1500m',
      '-Djdk.attach.allowAttachSelf=true',
      '--enable-native-access=ALL-UNNAMED',
      '--add-modules=jdk.incubator.vector',
      '-cp',
      join(place, 'lib/*'),
      '-Dnode.environment=test',
      `-Dnode.data-dir=${join(place, 'var')}`,
      `-Dconfig=${config}`,
      join(project, 'test/engines/TrinoMain.java'),
    ],
    url,
    async () => (await (await fetch(`${url}/v1/info`)).text()).includes('"starting":false'),
  );
  let cpu = 0;
  return {
    ...engine,
    files,
    async close() {
      await engine.close();
      rmSync(files, { recursive: true });
    },
    cpu: () => cpu,
    async rows(statement, catalogue = 'memory') {
      const headers = { 'x-trino-user': 'test', 'x-trino-catalog': catalogue };
      const found: Row[] = [];
      let answer = await fetch(`${url}/v1/statement`, { method: 'POST', headers, body: statement });
      for (;;) {
        const page: unknown = await answer.json();
        if (!isObject(page)) throw new Error('no answer of Trino');
        if (isObject(page['error'])) throw new Error(String(page['error']['message']));
        const names = listOf(page['columns']).map((column) =>
          isObject(column) ? String(column['name']) : '',
        );
        for (const row of listOf(page['data']))
          found.push(Object.fromEntries(listOf(row).map((cell, i) => [names[i] ?? '', textOf(cell)])));
        if (isObject(page['stats'])) cpu = Number(page['stats']['cpuTimeMillis']);
        const { nextUri } = page;
        if (typeof nextUri !== 'string') return found;
        answer = await fetch(nextUri, { headers });
      }
    },
  };
}

const textOf = (cell: unknown): string | null =>
  cell === null ? null : typeof cell === 'string' ? cell : JSON.stringify(cell);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
