import type { Row } from './measuring.ts';
import type { Usage } from './usage.ts';

const HEADINGS = [
  'operation',
  'a second',
  'p50 ms',
  'p99 ms',
  'limit a second',
  'p50 ms',
  'p99 ms',
  'ratio',
  'to reach',
  'met',
  'CPU ms each api/pg/load',
  'limit pg',
  'MB api/pg/load',
];

/** With as many digits as say something. */
const figure = (value: number | undefined): string =>
  value === undefined ? '' : value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);

export function table(rows: Row[]): string {
  const lines = [HEADINGS, ...rows.map(cellsOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((cells) => cells[column]!.length)));
  const [head, ...body] = lines.map((cells) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))),
  );
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [head!, rule, ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const cpuOf = ({ cpuSeconds }: Usage, count = NaN): string => ((cpuSeconds * 1000) / count).toFixed(2);

function cellsOf({ operation, ours, limit, ratio, target = '', isMet }: Row): string[] {
  const usages = ours.usage ? [ours.usage.api, ours.usage.postgres, ours.usage.loader] : [];
  const all = (value: (usage: Usage) => string) =>
    usages.map((usage) => (usage ? value(usage) : '–')).join(' / ');
  return [
    operation,
    figure(ours.rate),
    figure(ours.p50),
    figure(ours.p99),
    figure(limit?.rate),
    figure(limit?.p50),
    figure(limit?.p99),
    figure(ratio),
    target,
    isMet === undefined ? '' : isMet ? 'yes' : 'NO',
    all((usage) => cpuOf(usage, ours.count)),
    limit?.usage?.postgres ? cpuOf(limit.usage.postgres, limit.count) : '',
    all(({ megabytes }) => megabytes.toFixed(0)),
  ];
}
