import { statSync } from 'node:fs';
import { printable, printableJson } from '../../iam/printable.ts';
import { standardStream } from '../../app/settings/source-argument.ts';
import { command, texts, yes } from '../command.ts';
import { localObjects, stdinObject } from '../../ingest/objects/local.ts';
import { streamContent } from '../../ingest/objects/content.ts';
import { ObjectReader } from '../../ingest/formats/object-reader.ts';
import { explain } from '../../synth/explanation.ts';
import { ExplainedOperations, explanationJson, explanationText } from '../../emit/text/explanation.ts';

export const explainCommand = command({
  places: { file: texts('A log file, a folder, or - for standard input') },
  flags: { events: yes('Of a folder too each event, not a line for each operation') },
  examples: [
    ['iam-minimize explain event.json', 'which permissions one event needed'],
    ['iam-minimize explain trail/ --json', 'one JSON object per event'],
  ],
  async run(args, terminal) {
    let faults = 0;
    const isFolder = (args.file ?? []).some(
      (file) => file !== standardStream && statSync(file, { throwIfNoEntry: false })?.isDirectory(),
    );
    const operations = args.json || args.events || !isFolder ? undefined : new ExplainedOperations();
    for (const file of args.file ?? []) {
      const objects = file === standardStream ? [stdinObject(terminal.in)] : localObjects(file);
      for await (const object of objects) {
        const waiting: string[] = [];
        const reader = new ObjectReader((call) => {
          const explanation = explain(call);
          if (operations) operations.add(explanation);
          else
            waiting.push(
              args.json
                ? printableJson(explanationJson(explanation))
                : explanationText(explanation, terminal.color),
            );
        });
        const drain = async (): Promise<void> => {
          if (waiting.length === 0 || terminal.out.write(waiting.splice(0).join(''))) return;
          await new Promise((resolve) => terminal.out.once('drain', resolve));
        };
        const end = await streamContent(object, async (chunk) => {
          reader.push(chunk);
          await drain();
        });
        const fault = [end.fault, await reader.end()].filter(Boolean).join('; ');
        await drain();
        const skipped = Object.entries(reader.skipped).map(([reason, n]) => `${n} skipped (${reason})`);
        if (skipped.length > 0) terminal.err.write(`${printable(object.label)}: ${skipped.join(', ')}\n`);
        if (fault !== '') {
          terminal.err.write(`not read in full: ${printable(object.label)}: ${fault}\n`);
          faults++;
        }
      }
    }
    if (operations) terminal.out.write(operations.text());
    return faults > 0 ? 3 : 0;
  },
});
