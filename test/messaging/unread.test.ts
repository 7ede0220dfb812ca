import * as fc from 'fast-check';
import { beforeAll, it } from 'vitest';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { type Drawn, History, histories } from './history.js';
import { expectNoDrift, times } from './concurrency.js';

// What follows from events is no part of it, and would take half the machine.
const api = useApi({ worker: 'off' });

/** As many as this time allows, unless HISTORIES=2000 asks for so many. */
const MILLISECONDS = 12_000;
const HISTORIES = Number(process.env['HISTORIES'] ?? 0);
const AT_ONCE = 8;

let organization: TestOrganization;

beforeAll(async () => {
  organization = await api.build.organization();
});

async function live(drawn: Drawn): Promise<void> {
  const history = await History.begin(api, organization, drawn);
  for (const step of drawn.steps) {
    await history.run(step);
    await history.check();
  }
  await history.checkRest();
  await expectNoDrift(api, organization, history.people);
  api.logged.length = 0;
}

it('shows everybody on every route what the model predicts, after each step of any history', async () => {
  const seed = Date.now();
  const end = HISTORIES > 0 ? Infinity : seed + MILLISECONDS;
  let failed: number | undefined;
  const lane = (number: number) =>
    fc.assert(
      fc.asyncProperty(histories, async (drawn) => {
        // The lane that failed has the machine to itself, to find a shorter history that fails.
        if (Date.now() > end || (failed !== undefined && failed !== number)) return;
        await live(drawn).catch((error: unknown) => {
          failed ??= number;
          throw error;
        });
      }),
      { seed: seed + number, numRuns: Math.ceil((HISTORIES || 8000) / AT_ONCE) },
    );
  await times(AT_ONCE, lane);
}, 1_800_000);
