type Definition = [signature: string, result: string, body: string];

/**
 * The functions that erase a person whose deletion is under way, for the organization as a whole alone: where this
 * condition is true. Evaluated once a statement; the policies of the tables ask the same, but for the person.
 */
export function erasureFunctions(isWide: string): Definition[] {
  const mayErase = `(SELECT ${isWide} AND app_is_being_deleted(person))`;
  return FUNCTIONS.map(([signature, result, body]) => [signature, result, body(mayErase)]);
}

const OWN = 'organization_id = app_organization()';

const counted = (deletion: string): string =>
  `WITH gone AS (${deletion} RETURNING true) SELECT count(*)::integer FROM gone`;

/** The next rows of the person in a table whose key goes on from that of participants. */
const ofParticipant =
  (table: string) =>
  (mayErase: string): string =>
    counted(`
    DELETE FROM ${table} WHERE ${OWN} AND (thread_id, user_id, seq) IN (
      SELECT next.thread_id, next.user_id, next.seq
      FROM participants AS part CROSS JOIN LATERAL (
        SELECT thread_id, user_id, seq FROM ${table}
        WHERE ${table}.organization_id = part.organization_id AND ${table}.thread_id = part.thread_id
          AND ${table}.user_id = part.user_id LIMIT most) AS next
      WHERE part.${OWN} AND part.user_id = person AND ${mayErase} LIMIT most)`);

/** See principalOf in libs/identity/caller.ts. */
const PRINCIPALS = `
  SELECT 'person:' || person UNION ALL SELECT 'platform:' || person
  UNION ALL SELECT kind || id || ':' || person FROM api_keys CROSS JOIN (VALUES ('service:'), ('platform:')) AS known (kind)`;

const FUNCTIONS: [signature: string, result: string, body: (mayErase: string) => string][] = [
  [
    'app_count_erased(person uuid, erased integer)',
    'void',
    (mayErase) =>
      `UPDATE user_deletions SET rows_erased = rows_erased + erased WHERE user_id = person AND ${mayErase}`,
  ],
  [
    'app_erase_sender(person uuid, threads uuid[], seqs bigint[])',
    'integer',
    (mayErase) =>
      counted(`
      UPDATE messages SET sender_id = NULL, client_token = NULL, request_hash = NULL
      FROM unnest(threads, seqs) AS sent (in_thread, at_seq)
      WHERE ${OWN} AND thread_id = in_thread AND seq = at_seq AND sender_id = person AND ${mayErase}`),
  ],
  ['app_erase_read_marks(person uuid, most integer)', 'integer', ofParticipant('read_marks')],
  ['app_erase_hidden_messages(person uuid, most integer)', 'integer', ofParticipant('hidden_messages')],
  [
    // In place of the person comes an id that nobody has: whoever is created with the same id later is somebody else.
    'app_leave_threads(person uuid, left_threads uuid[])',
    'integer',
    (mayErase) => `WITH direct AS MATERIALIZED (
       SELECT id, gen_random_uuid() AS nobody, CASE person WHEN pair_low THEN pair_high ELSE pair_low END AS partner
       FROM threads WHERE ${OWN} AND id = ANY (left_threads) AND person IN (pair_low, pair_high) AND ${mayErase}
     ), thread AS (
       UPDATE threads SET pair_low = least(partner, nobody), pair_high = greatest(partner, nobody)
       FROM direct WHERE threads.${OWN} AND threads.id = direct.id
     ), kept AS (
       UPDATE participants SET partner_id = nobody
       FROM direct WHERE ${OWN} AND thread_id = direct.id AND user_id = partner
     ), gone AS (
       DELETE FROM participants WHERE ${OWN} AND thread_id = ANY (left_threads) AND user_id = person AND ${mayErase}
       RETURNING true
     )
     SELECT count(*)::integer FROM gone`,
  ],
  [
    'app_erase_idempotency_keys(person uuid, most integer)',
    'integer',
    (mayErase) =>
      counted(`
      DELETE FROM idempotency_keys WHERE ${OWN} AND (principal, key) IN (
        SELECT principal, key FROM (${PRINCIPALS}) AS own (name)
        CROSS JOIN LATERAL (SELECT principal, key FROM idempotency_keys WHERE ${OWN} AND principal = own.name
                            LIMIT most) AS next
        WHERE ${mayErase} LIMIT most)`),
  ],
  [
    'app_erase_member(person uuid)',
    'integer',
    (mayErase) => counted(`DELETE FROM members WHERE ${OWN} AND user_id = person AND ${mayErase}`),
  ],
];
