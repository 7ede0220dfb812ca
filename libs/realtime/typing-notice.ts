export interface TypingNotice {
  organizationId: string;
  threadId: string;
  userId: string;
}

/** Three ids take 117 bytes each, and the payload of NOTIFY must be shorter than 8000. */
const MAX_IN_PAYLOAD = 60;

export function encodeTyping(notices: TypingNotice[]): string[] {
  const texts = notices.map(({ organizationId, threadId, userId }) =>
    [organizationId, threadId, userId].join(' '),
  );
  const lines = [...new Set(texts)];
  return Array.from({ length: Math.ceil(lines.length / MAX_IN_PAYLOAD) }, (_, at) =>
    lines.slice(at * MAX_IN_PAYLOAD, (at + 1) * MAX_IN_PAYLOAD).join('\n'),
  );
}

export const decodeTyping = (payload: string): TypingNotice[] =>
  payload.split('\n').map((line) => {
    const [organizationId, threadId, userId] = line.split(' ') as [string, string, string];
    return { organizationId, threadId, userId };
  });
