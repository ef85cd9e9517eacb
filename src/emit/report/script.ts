import { readFileSync } from 'node:fs';

const root = new URL('../../../', import.meta.url);

/** The compiled modules of `page/`, each after those it imports. */
const modules = ['dom', 'data', 'overview', 'permissions', 'activity', 'policy', 'changes', 'detail', 'main'];

/** The script of the page: its modules as one, without what joins modules. A name stands in one of them only. */
export const pageScript = (): string => {
  const texts = modules.map((name) =>
    readFileSync(new URL(`dist/emit/report/page/${name}.js`, root), 'utf8'),
  );
  return `'use strict';\n{\n${texts.map(withoutJoints).join('')}}\n`;
};

const withoutJoints = (text: string): string =>
  text.replace(/^(?:import .*|\/\/# sourceMappingURL=.*)\n?/gm, '').replace(/^export /gm, '');

/** The style of the page. */
export const pageStyle = (): string => readFileSync(new URL('assets/report.css', root), 'utf8');
