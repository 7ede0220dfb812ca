import { readFile, readdir } from 'node:fs/promises';

/** What a process has used, with those that it has started; null where the system does not say, as outside Linux. */
export interface Usage {
  cpuSeconds: number;
  megabytes: number;
}

/** Linux counts CPU time in these, whatever the machine. */
const TICKS_A_SECOND = 100;

interface Stat {
  pid: number;
  parent: number;
  ticks: number;
  /** Of children that have ended. */
  ticksOfChildren: number;
}

async function statOf(pid: number): Promise<Stat | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name, in brackets, may have anything in it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [, parent, user, system, childUser, childSystem] = [0, 1, 11, 12, 13, 14].map((at) =>
    Number(fields[at]),
  );
  return text === ''
    ? null
    : { pid, parent: parent!, ticks: user! + system!, ticksOfChildren: childUser! + childSystem! };
}

export async function usageOf(root: number): Promise<Usage | null> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.map(Number).filter((pid) => pid > 0);
  const stats = (await Promise.all(pids.map(statOf))).filter((stat) => stat !== null);
  const own = stats.find(({ pid }) => pid === root);
  if (!own) return null;
  const family = [own, ...stats.filter(({ parent }) => parent === root)];
  const ticks = family.reduce((sum, stat) => sum + stat.ticks, own.ticksOfChildren);
  const kilobytes = await Promise.all(
    family.map(({ pid }) => kilobytesOf(pid, family.length > 1 ? 'Pss' : 'Rss')),
  );
  return {
    cpuSeconds: ticks / TICKS_A_SECOND,
    megabytes: kilobytes.reduce((sum, each) => sum + each, 0) / 1024,
  };
}

/** Of what several share, as PostgreSQL's processes do, each has its part (Pss), so that nothing is counted twice. */
async function kilobytesOf(pid: number, measure: 'Pss' | 'Rss'): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(new RegExp(`^${measure}: +(\\d+)`, 'm').exec(rollup)?.[1] ?? 0);
}
