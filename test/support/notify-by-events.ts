import { afterAll, beforeAll } from 'vitest';
import type { TestApi } from './api.js';

/**
 * Refuses notifications in the transaction that sends their message, as a fault there would: so each message is notified
 * by its event, like one to a large group.
 */
export function useNotificationsByEvents(api: TestApi): void {
  beforeAll(() =>
    api.database.query(`
      CREATE FUNCTION refuse_in_send() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = tidings AS $$
      BEGIN
        IF EXISTS (SELECT FROM messages WHERE organization_id = new.organization_id AND id = new.source_id
                     AND xmin::text = pg_current_xact_id()::xid::text)
        THEN RAISE EXCEPTION 'refused in the transaction that sends'; END IF;
        RETURN new;
      END $$;
      CREATE TRIGGER refuse_in_send BEFORE INSERT ON notifications FOR EACH ROW EXECUTE FUNCTION refuse_in_send()`),
  );

  afterAll(() =>
    api.database.query('DROP TRIGGER refuse_in_send ON notifications; DROP FUNCTION refuse_in_send()'),
  );
}
