import { parseArgs } from 'node:util';

const USAGE = 'Usage: npm run bench [-- [short] [--json] [--only <row>,<row>] [--without-pgbench]]';

export type Command = ReturnType<typeof parseCommand>;

/** The arguments of the benchmark. Wrong ones end it with the usage and exit code 2, as is usual for commands. */
export function parseCommand() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        only: { type: 'string' },
        'without-pgbench': { type: 'boolean' },
      },
    });
    const [word = 'full', ...others] = positionals;
    if (word !== 'full' && word !== 'short') throw new Error(`Unknown argument '${word}'`);
    if (others.length > 0) throw new Error(`Unexpected argument '${others[0]}'`);
    return { mode: word, values } as const;
  } catch (error) {
    return exitWithUsage(error as Error);
  }
}

function exitWithUsage({ message }: Error): never {
  // Only the first sentence: Node adds hints that do not apply here.
  console.error(message.split(/\. |\n/)[0]);
  console.error(USAGE);
  process.exit(2);
}
