import type { GroupInput, ThreadsService } from '#messaging';
import { invalidField } from '#problem';
import { isId } from '#identity';
import { decodeCursor } from '../http/list.js';
import type { ListThreadsRequest, StartThreadRequest } from './thread.requests.js';

type ThreadList = Parameters<ThreadsService['list']>[1];

/** The group in the request, or null for a direct thread. */
export function groupOf(request: StartThreadRequest): GroupInput | null {
  const { recipient_id, participant_ids, subject, context, patient_id } = request;
  if (recipient_id !== undefined) {
    const forGroups = Object.entries({ participant_ids, subject, context, patient_id });
    const [field] = forGroups.find(([, value]) => value !== undefined) ?? [];
    if (field) throw invalidField(field, 'is for groups: leave it out, or leave out recipient_id');
    return null;
  }
  if (!participant_ids) throw invalidField('recipient_id', 'or participant_ids is required');
  if (subject === undefined) throw invalidField('subject', 'is required for a group');
  if (context && patient_id !== undefined) {
    throw invalidField('patient_id', 'stands for a context: leave out one of the two');
  }
  return {
    persons: participant_ids,
    subject,
    context: patient_id === undefined ? context : { type: 'patient', id: patient_id },
  };
}

export function listOf(request: ListThreadsRequest): ThreadList {
  const { limit, cursor, unread_only, archived, context_type, context_id } = request;
  if (context_id !== undefined && context_type === undefined) {
    throw invalidField('context_type', 'is required with context_id');
  }
  const [activeAt, threadId] = decodeCursor(cursor, isPosition)?.split(' ') ?? [];
  return {
    limit,
    after: activeAt === undefined ? undefined : { activeAt, threadId: threadId! },
    unreadOnly: unread_only,
    archived,
    contextType: context_type,
    contextId: context_id,
  };
}

/** A position in the list: a time, to the microsecond, and the thread that was active then. */
function isPosition(text: string): boolean {
  const [activeAt = '', threadId = '', ...rest] = text.split(' ');
  return (
    rest.length === 0 &&
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/.test(activeAt) &&
    !Number.isNaN(Date.parse(activeAt)) &&
    isId(threadId)
  );
}
