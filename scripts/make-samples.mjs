// Writes `samples/`, a made-up account and one week of its logs, always the same:
//   node scripts/make-samples.mjs [FOLDER]
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { authorizationDetails, trailConfig } from './sample-account/account.mjs';
import { appEvents } from './sample-account/app.mjs';
import { ciDeployEvents } from './sample-account/ci-deploy.mjs';
import { otherEvents } from './sample-account/others.mjs';
import { ACCOUNT, REGION, hex } from './sample-account/record.mjs';

/** When a file is delivered, UTC. Nothing happens after the last one of a day, so each day's files hold that day. */
const DELIVERIES = ['0005', '0405', '0805', '1205', '1605', '2005', '2355'];
/** This file is delivered twice, as CloudTrail may do: other name, other order, same events. */
const DELIVERED_TWICE = '2026-03-04 us-east-1 1205';

const folder = process.argv[2] ?? fileURLToPath(new URL('../samples', import.meta.url));

/** @param {string} name @param {string | Buffer} content */
function write(name, content) {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** The delivery that an event is part of, as `day region time`. @param {{ eventTime: string, awsRegion: string }} event */
function deliveryOf({ eventTime, awsRegion }) {
  const minute = eventTime.slice(11, 13) + eventTime.slice(14, 16);
  const time = DELIVERIES.find((delivery) => minute < delivery);
  if (time === undefined) throw new Error(`an event after the last delivery of its day: ${eventTime}`);
  return `${eventTime.slice(0, 10)} ${awsRegion} ${awsRegion === REGION ? time : DELIVERIES.at(-1)}`;
}

/** @param {string} delivery @param {readonly object[]} records @param {string} copy */
function writeLog(delivery, records, copy = '') {
  const [day = '', region, time] = delivery.split(' ');
  const stamp = `${day.replaceAll('-', '')}T${time}Z`;
  const name = `${ACCOUNT}_CloudTrail_${region}_${stamp}_${hex(16, 'file', delivery, copy)}.json.gz`;
  const bytes = gzipSync(JSON.stringify({ Records: records }), { level: 9 });
  // The header names the operating system; 255 is "unknown" (RFC 1952, section 2.3.1). Its time is 0 already.
  bytes[9] = 255;
  write(`trail/AWSLogs/${ACCOUNT}/CloudTrail/${region}/${day.replaceAll('-', '/')}/${name}`, bytes);
}

const events = [...appEvents(), ...ciDeployEvents(), ...otherEvents()];
if (new Set(events.map((event) => event.eventID)).size !== events.length)
  throw new Error('two events with one eventID');

/** @type {Map<string, typeof events>} */
const deliveries = new Map();
for (const event of events) {
  const delivery = deliveryOf(event);
  deliveries.set(delivery, [...(deliveries.get(delivery) ?? []), event]);
}

rmSync(join(folder, 'trail'), { recursive: true, force: true });
for (const [delivery, records] of deliveries) {
  records.sort((a, b) => (a.eventTime < b.eventTime ? -1 : a.eventTime > b.eventTime ? 1 : 0));
  writeLog(delivery, records);
  if (delivery === DELIVERED_TWICE) writeLog(delivery, records.toReversed(), 'again');
}
write('current/authorization-details.json', `${JSON.stringify(authorizationDetails(), null, 2)}\n`);
write('trail-config.json', `${JSON.stringify(trailConfig(), null, 2)}\n`);
process.stdout.write(`${events.length} events, ${deliveries.size + 1} log files, in ${folder}\n`);
