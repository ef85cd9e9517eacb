import { expect, test } from 'vitest';
import { allChecks } from '../../src/audit/audit.ts';
import { practice } from '../../src/emit/report/practice.ts';

const spot = (subject: string) => ({ account: '111122223333', subject, seen: '</section><b>', events: [] });

test('good practice on the page: names stay text, and of many places the first are shown', () => {
  const [check] = allChecks();
  if (!check) throw new Error('no checks');
  const spots = ['<img src=x onerror=alert(1)>', ...Array.from({ length: 24 }, (_, at) => `user ${at}`)].map(
    spot,
  );
  const text = practice({ findings: [{ check, spots }], unasked: [], lacking: [] });
  expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;: &lt;/section&gt;&lt;b&gt;');
  expect(text.match(/<(?!\/?(?:section|h2|p|details|summary|span|small|ul|li|a)\b)[^>]*>/g)).toBeNull();
  expect(text).toContain('<li>and 5 more (audit --json shows all)</li>');
});
