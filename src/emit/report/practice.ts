import type { Audit, Finding } from '../../audit/audit.ts';
import { counted, grouped } from '../review/words.ts';
import { auditSummary, fixOf, mostSpots, spotText } from '../text/audit.ts';
import { html } from './html.ts';

/** The colour of a severity: that of the risk as grave. */
const risks = { error: 'high', warning: 'medium', suggestion: 'low' } as const;

/** What `audit` finds, worst first, each to be opened; it needs no script. */
export function practice(audit: Audit): string {
  const [found = '', unasked] = auditSummary(audit).trimEnd().split('\n');
  return `<section id="practice" class="card" aria-labelledby="practice-title">
<h2 id="practice-title">Good practice</h2>
<p>${html(found)}.${unasked === undefined ? '' : ` ${html(unasked)}.`}</p>
${audit.findings.map(one).join('\n')}
</section>`;
}

function one(finding: Finding): string {
  const { check, spots } = finding;
  const more = spots.length - mostSpots;
  const places = spots.slice(0, mostSpots).map((spot) => `<li>${html(spotText(spot))}</li>`);
  if (more > 0) places.push(`<li>and ${grouped(more)} more (audit --json shows all)</li>`);
  return `<details><summary><span class="risk ${risks[check.severity]}">${check.severity}</span> ${html(check.title)} <small>${counted(spots.length, 'place')}</small></summary>
<ul>${places.join('')}</ul>
<p>${html(fixOf(finding))} · <a href="${html(check.page)}" rel="noreferrer">AWS page</a></p></details>`;
}
