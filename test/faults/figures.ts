/** In the check in a form that takes little time; in full by npm run test:faults. */
const isFull = process.env['FAULTS'] === 'full';

export const scaled = <T>(short: T, full: T): T => (isFull ? full : short);

export const print = (what: string, figures: Record<string, string | number>): void =>
  console.log(
    `${what}: ${Object.entries(figures)
      .map(([name, figure]) => `${name} ${figure}`)
      .join(', ')}`,
  );

export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

export const quantile = (numbers: number[], share: number): number =>
  numbers.toSorted((one, other) => one - other)[Math.floor((numbers.length - 1) * share)] ?? 0;
