import { readFileSync } from 'node:fs';

/** What npm run start:prod has Node do. */
const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  scripts: Record<string, string>;
};
export const NODE_ARGUMENTS = /node (.*) dist/.exec(scripts['start:prod']!)![1]!.split(' ');
