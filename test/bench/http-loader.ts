import { answerJobs } from './child.ts';
import { HttpConnection } from './http-connection.ts';
import { type Load, driveAtRate, driveFreely } from './load.ts';

/** To be sent over and over, in the order of chance. */
export interface HttpJob {
  port: number;
  requests: string[];
  connections: number;
  seconds: number;
  /** A second; as many as can be where it is left out. */
  rate?: number;
}

answerJobs(async ({ port, requests, connections, seconds, rate }: HttpJob): Promise<Load> => {
  const open = Array.from({ length: connections }, () => new HttpConnection(port));
  const workers = open.map((connection) => async () => {
    const request = requests[Math.floor(Math.random() * requests.length)]!;
    const { status, body } = await connection.send(request);
    return status >= 200 && status < 300 ? undefined : `${status} ${body.slice(0, 300)}`;
  });
  try {
    await Promise.all(workers.map((worker) => worker()));
    return await (rate ? driveAtRate(workers, seconds, rate) : driveFreely(workers, seconds));
  } finally {
    for (const connection of open) connection.close();
  }
});
