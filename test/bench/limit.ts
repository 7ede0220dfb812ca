import { type Drive, CONNECTIONS, driveRaw } from './measuring.ts';
import { hasPgbench, drivePgbench } from './pgbench.ts';
import { TALKERS } from './seeding.ts';
import type { World } from './world.ts';

/** About as long as what is sent through the server. */
export const CONTENT =
  'A message of a hundred characters, which is about what people write to each other in one go, or so.';

/** What a send comes to at least: the next number of the thread, the message, and the recipient's notification. */
const TABLES = `
  CREATE SCHEMA bare;
  CREATE TABLE bare.threads (id integer PRIMARY KEY, last_seq bigint NOT NULL DEFAULT 0) WITH (fillfactor = 80);
  CREATE TABLE bare.messages (
    thread_id integer NOT NULL, seq bigint NOT NULL, id uuid NOT NULL, sender_id uuid NOT NULL,
    content text NOT NULL, created_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (thread_id, seq));
  CREATE TABLE bare.notifications (
    id uuid PRIMARY KEY, user_id integer NOT NULL, title text NOT NULL, body text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(), read_at timestamptz);
  INSERT INTO bare.threads SELECT generate_series(1, ${TALKERS})`;

/** For a thread by chance, which is $1. */
const SEND = [
  'UPDATE bare.threads SET last_seq = last_seq + 1 WHERE id = $1',
  `INSERT INTO bare.messages (thread_id, seq, id, sender_id, content)
   SELECT id, last_seq, gen_random_uuid(), gen_random_uuid(), '${CONTENT}' FROM bare.threads WHERE id = $1`,
  `INSERT INTO bare.notifications (id, user_id, title, body)
   VALUES (gen_random_uuid(), $1, 'Somebody', '${CONTENT}')`,
];

export type SendLimit = (given: { seconds: number; rate?: number; connections?: number }) => Drive;

/** pgbench where there is one, since it leaves most of the machine to PostgreSQL. */
export async function createSendLimit(
  world: World,
  { mayUsePgbench }: { mayUsePgbench: boolean },
): Promise<{ limit: SendLimit; by: string }> {
  await world.database.query(TABLES);
  if (mayUsePgbench && hasPgbench())
    return { limit: (given) => drivePgbench(world, SEND, given), by: 'pgbench' };
  const statements = [
    { text: 'BEGIN' },
    ...SEND.map((text, at) => ({ name: `send ${at}`, text, values: [{ random: TALKERS }] })),
    { text: 'COMMIT' },
  ];
  return {
    limit: (given) => driveRaw(world, { connections: CONNECTIONS, ...given, statements }),
    by: 'pg, pipelined',
  };
}
