import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import type { IngestReport } from '../../ingest/ingest.ts';
import { dollarsOf, type Estimate } from '../../ingest/objects/estimate.ts';
import { counted, grouped } from '../../emit/review/words.ts';
import { printable, printableJson } from '../../iam/printable.ts';
import { InputError } from '../../iam/input-error.ts';
import { estimateOf, updateIndex, type IndexUpdate } from '../../app/sources/index-update.ts';
import { accessOf, command, text, texts, yes, type ExitCode, type Terminal } from '../command.ts';
import { about, megabytes, readSummary, surroundingsOf } from '../surroundings.ts';
import { tableStatements } from '../../app/sources/athena.ts';
import { sourcesOf } from '../../app/sources/sources.ts';
import { askedFor, rebuildIndex } from '../../app/sources/rebuild.ts';
import { digestProblems, digestSummary } from '../../emit/text/digests.ts';

export const ingestCommand = command({
  places: {
    source: texts(
      'A file, a directory (any depth), s3://bucket/prefix, athena://workgroup/database/table, event-history, or - for standard input',
    ),
  },
  flags: {
    since: text(
      'Only objects delivered for this day or later (YYYY-MM-DD, or 90d: of the newest file here, in AWS of today)',
    ),
    until: text('Only objects delivered for this day or earlier'),
    accounts: texts('Only objects of these accounts'),
    regions: texts('Only objects of these Regions'),
    rebuild: yes('Make the index again from what it was made of, beside the old one, which it then replaces'),
    concurrency: { type: 'number', default: 16, describe: 'Objects fetched ahead' },
    'dry-run': yes('Say what there is to read and what the requests cost, and read nothing'),
    lookback: { ...text('S3, Athena: last days that are asked for again, for late files'), default: '3d' },
    'give-up': {
      ...texts('An object that could not be read: asked for no more (index info lists them)'),
      nargs: 1,
    },
    'request-payer': yes('S3: you pay for requests to a requester pays bucket'),
    output: text('Athena: s3://bucket/prefix/ for results'),
    'max-bytes': text('Athena: end the run when its queries have scanned this much (500GB)'),
    'create-table': text('Athena: make the table first, over the folder of accounts (s3://bucket/AWSLogs/)'),
    'print-sql': yes('Athena: print the statements, and ask nothing of AWS'),
    'user-name': text('Event history: only events of this user or session name'),
    'access-key': text('Event history: only events signed with this key ID'),
    'event-source': text('Event history: only events of this source (ec2.amazonaws.com)'),
    'event-name': text('Event history: only events of this name'),
    'verify-digests': {
      type: 'boolean',
      describe: "Read only log files that CloudTrail's digest files vouch for",
    },
    'digest-keys': {
      ...texts('With it: files of aws cloudtrail list-public-keys, instead of asking AWS'),
      nargs: 1,
    },
  },
  examples: [
    ['iam-minimize ingest ./AWSLogs', 'everything below a folder'],
    ['iam-minimize ingest s3://my-trail-bucket/AWSLogs --since 90d', 'a bucket'],
    ['zcat *.gz | iam-minimize ingest -', 'standard input'],
  ],
  async run(args, terminal) {
    // Of a heap that is as full as V8 lets it become, most is garbage (docs/performance.md).
    setFlagsFromString('--heap-growing-percent=30');
    if (!Number.isInteger(args.concurrency) || args.concurrency < 1 || args.concurrency > 64) {
      throw new InputError(`--concurrency ${args.concurrency}: give a whole number from 1 to 64`);
    }
    const named = args.source ?? [];
    if (args.rebuild && named.length > 0)
      throw new InputError('--rebuild: the index knows its sources; leave SOURCE out');
    if (args.rebuild && args.dryRun)
      throw new InputError('--rebuild: reads everything again; leave --dry-run out');
    if (!args.rebuild && named.length === 0)
      throw new InputError(
        `ingest: give a SOURCE (file, folder, s3://bucket/prefix, athena://workgroup/database/table, event-history or -); see iam-minimize ingest --help`,
      );
    if (args.printSql) {
      terminal.out.write(`${tableStatements(named, args, terminal).join(';\n\n')};\n`);
      return 0;
    }
    const surroundings = surroundingsOf(terminal, args);
    const access = accessOf(args);
    const ended = async ({ report, seconds }: IndexUpdate): Promise<ExitCode> => {
      if (args.json) terminal.out.write(printableJson({ ...report, seconds }));
      return finish(report, seconds, args, terminal);
    };
    if (args.rebuild) return ended(await rebuildIndex(args.db, access, args.concurrency, surroundings));
    const sources = await sourcesOf(named, args, access, surroundings);
    if (args.dryRun) {
      terminal.out.write(estimateText(await estimateOf(args.db, sources), args.json));
      return 0;
    }
    const asked = [askedFor(named, args)];
    return ended(await updateIndex(args.db, sources, args.concurrency, surroundings, args.giveUp, asked));
  },
});

function estimateText(estimate: Estimate, json: boolean): string {
  const dollars = Number(dollarsOf(estimate).toFixed(6));
  if (json) return printableJson({ ...estimate, dollars });
  const { list, get } = estimate.requests;
  const cost =
    list === 0
      ? ''
      : `requests: ${grouped(list)} LIST, ${grouped(get)} GET, ${about(dollars)} (S3 Standard in us-east-1, without transfer)\n`;
  return `${counted(estimate.objects, 'object')} to read (${megabytes(estimate.bytes)}), ${grouped(estimate.known)} known already\n${cost}`;
}

async function finish(
  report: IngestReport,
  seconds: number,
  args: { quiet: boolean; json: boolean; db: string },
  terminal: Terminal,
): Promise<ExitCode> {
  for (const { object, reason } of report.failures)
    terminal.err.write(`not read in full: ${printable(object)}: ${reason}\n`);
  const { digests } = report;
  if (digests) terminal.err.write(digestProblems(digests));
  if (!args.quiet && !args.json) {
    const db = printable(args.db);
    const next = existsSync(args.db)
      ? `index ${db}; next: iam-minimize principals --db ${db}\n`
      : `no CloudTrail event in it, so no index was made; give log files as delivered, JSON or gzip\n`;
    terminal.err.write(readSummary(report, seconds) + (digests ? digestSummary(digests) : '') + next);
  }
  if (terminal.signal.aborted) {
    terminal.err.write('stopped; what was read is kept, run the same command again to go on\n');
    return 3;
  }
  if (digests && digests.problems.length > 0) return 1;
  return report.objects.failed > 0 ? 3 : 0;
}
