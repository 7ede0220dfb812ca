import type { MigrationInterface, QueryRunner } from 'typeorm';
import { isOwn } from './nil-user.js';
import { alsoRequire, ownPart } from './rls.js';

const IN_THREAD = `participants.organization_id = messages.organization_id
  AND participants.thread_id = messages.thread_id AND participants.left_at IS NULL`;

/** Messages of several people are written together, by the organization as a whole: each by somebody in the thread. */
export class SendTogether1763640024000 implements MigrationInterface {
  name = 'SendTogether1763640024000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP POLICY own_sending ON messages');
    const senderIsIn = `EXISTS (
      SELECT FROM participants WHERE ${IN_THREAD} AND participants.user_id = messages.sender_id OFFSET 0)`;
    await alsoRequire(runner, 'messages', 'own_sending', `${isOwn('sender_id')} AND ${senderIsIn}`, 'INSERT');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP POLICY own_sending ON messages');
    const mayWrite = `sender_id = (SELECT app_user()) AND ${ownPart(IN_THREAD)}`;
    await alsoRequire(runner, 'messages', 'own_sending', mayWrite, 'INSERT');
  }
}
