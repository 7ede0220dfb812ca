import { parseCommand } from './command.ts';

const command = parseCommand();
// Loaded after the arguments are checked: it needs the built server.
const { benchmark } = await import('./benchmark.ts');
await benchmark(command);
