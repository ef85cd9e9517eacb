/** Room `report`: the page of `report`. */
import { createHash } from 'node:crypto';
import type { Audit } from '../../audit/audit.ts';
import { dayText } from '../../iam/days.ts';
import { sortedUnique } from '../../iam/order.ts';
import type { BacktestRow } from '../../synth/backtest.ts';
import type { Proposal } from '../../synth/proposal.ts';
import { counted } from '../review/words.ts';
import type { UnseenFacts, UnseenHolder } from '../review/unused-principal.ts';
import { detailOf } from './detail.ts';
import { html, scriptJson } from './html.ts';
import { Lists } from './lists.ts';
import { overviewTable, rowOf, rowWithout, type OverviewRow } from './overview.ts';
import type { Detail, ReportData } from './page/shape.ts';
import { picture } from './picture.ts';
import { practice } from './practice.ts';
import { pageScript, pageStyle } from './script.ts';
import { tiles, totals } from './tiles.ts';

/** One self-contained page on some principals. What is added is reduced at once, so that proposals need not be kept. */
export class ReportPage {
  private readonly rows: OverviewRow[] = [];
  private readonly details: Detail[] = [];
  private readonly lists = new Lists();
  private practice = '';
  private since = Infinity;
  private until = -Infinity;

  /** @param names of the policies held today, as far as known; @param backtest empty: none was made */
  add(proposal: Proposal, names: readonly string[], backtest: readonly BacktestRow[]): void {
    this.rows.push(rowOf(proposal));
    this.details.push(detailOf(proposal, names, backtest, this.lists));
    this.since = Math.min(this.since, proposal.window.since);
    this.until = Math.max(this.until, proposal.window.until);
  }

  /** A principal of which nothing can be proposed, and why; with what is known of it, where it was never seen. */
  addWithout(
    holder: Pick<UnseenHolder, 'kind' | 'account' | 'name'>,
    why: string,
    facts?: UnseenFacts,
  ): void {
    this.rows.push(rowWithout(holder, why, facts));
  }

  /** What `audit` finds of the accounts. */
  addAudit(audit: Audit): void {
    this.practice = practice(audit);
  }

  /** @param made how the page was made, a line each, for its foot */
  text(made: readonly string[]): string {
    const { actions, texts, policies } = this.lists;
    const data: ReportData = { principals: this.details, actions, texts, policies };
    const style = pageStyle();
    const { table, same } = overviewTable(this.rows);
    const script = pageScript();
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '${hashOf(script)}'; style-src '${hashOf(style)}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Least privilege report</title>
<style>${style}</style>
</head>
<body>
<header class="top"><h1>Least privilege report</h1><p>${this.headline()}</p></header>
<main>
<div id="overview">
${tiles(this.rows)}
${picture(this.rows)}
${same}
<div class="tools"><label for="filter">Filter</label><input id="filter" type="search" placeholder="name, kind, account" autocomplete="off" spellcheck="false"><span id="count" role="status"></span><button type="button" id="all" hidden>Show all</button></div>
<noscript><p class="warning">Sorting, filtering and the view of each principal need JavaScript; the table does not.</p></noscript>
<div class="scroll card" role="region" aria-label="Principals" tabindex="0">
${table}
</div>
${key}
${this.practice}
</div>
<div id="detail" hidden></div>
</main>
<footer>${made.map((line) => `<p>${html(line)}</p>`).join('')}</footer>
<script type="application/json" id="data">${scriptJson(data)}</script>
<script>${script}</script>
</body>
</html>
`;
  }

  private headline(): string {
    const accounts = sortedUnique(
      this.rows.map(({ account }) => account).filter((account) => /^\d+$/.test(account)),
    );
    const [first] = accounts;
    const parts = [
      ...(this.since <= this.until ? [`${dayText(this.since)} to ${dayText(this.until)}`] : []),
      ...(accounts.length === 1 && first !== undefined
        ? [`account ${first}`]
        : [counted(accounts.length, 'account')]),
      counted(this.rows.length, 'principal'),
    ];
    return `${html(parts.join(' · '))} · ${totals(this.rows)}`;
  }
}

/** As Content Security Policy names an inline script or style. */
const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

const key = `<ul class="key"><li>Bars, on a log scale:</li><li><span class="swatch used"></span>used</li><li><span class="swatch unseen"></span>kept though not seen in use</li><li><span class="swatch rest"></span>removed</li></ul>`;
