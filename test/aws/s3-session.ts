import { onTestFinished, vi } from 'vitest';
import { fakeS3, s3Environment, type FakeObjects, type S3Fake, type S3FakeOptions } from './s3-fake.ts';

/** A fake that this process takes for S3 until its test ends. */
export async function s3Session(
  buckets: Readonly<Record<string, FakeObjects>>,
  options: S3FakeOptions = {},
): Promise<S3Fake> {
  const fake = await fakeS3(buckets, options);
  for (const [name, value] of Object.entries(s3Environment(fake.url))) vi.stubEnv(name, value);
  vi.stubEnv('AWS_PROFILE', undefined);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await fake.close();
  });
  return fake;
}
