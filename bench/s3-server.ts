// A bucket `logs` with a trail that is made up while it is read: prints its URL, ends with its input.
// node s3-server.js ACCOUNTS REGIONS DAYS OBJECTS_A_DAY EVENTS_AN_OBJECT
import { fakeS3 } from '../test/aws/s3-fake.ts';
import { syntheticTrail } from '../test/aws/s3-trail.ts';

const [accounts = 1, regions = 1, days = 1, perDay = 1, eventsPerObject = 1] = process.argv
  .slice(2)
  .map(Number);
const firstDay = Date.UTC(2026, 0, 1) / 86_400_000;
const fake = await fakeS3({
  logs: syntheticTrail({ accounts, regions, days, perDay, eventsPerObject, firstDay }),
});
process.stdout.write(`${fake.url}\n`);
process.stdin.resume().on('end', () => void fake.close());
