import { DEMO_EDIT, DEMO_MESSAGES } from '../demo/conversations.js';
import { DEMO_PEOPLE } from '../demo/people.js';
import { IdField, PersonField } from '../http/compound-fields.js';
import { ChoiceField, QueryBooleanField, QueryIntegerField, TextField } from '../http/fields.js';
import { ListRequest } from '../http/list.js';

const MAX_CONTENT_LENGTH = 5000;

const ContentField = (example: string) =>
  TextField({ description: 'The text of the message.', maxLength: MAX_CONTENT_LENGTH, example });

const SubjectField = () =>
  TextField({
    description: 'The subject of the message.',
    maxLength: 100,
    example: 'Tuesday',
    optional: true,
  });

const ClientTokenField = () =>
  TextField({
    description:
      'A token of your choice for this message. A retry with the same token never sends the message twice, at any time.',
    maxLength: 255,
    example: '7c0f61f2-5b1e-4f0a-9d53-2f6f7a1c9b10',
    optional: true,
  });

export class SendMessageRequest {
  @PersonField({ description: 'The recipient, by id or username.', example: DEMO_PEOPLE.theo.username })
  recipient!: string;

  @SubjectField() subject?: string;
  @ContentField('See you on Tuesday?') content!: string;
  @ClientTokenField() client_token?: string;
}

export class PostMessageRequest {
  @ContentField('That is settled, then.') content!: string;
  @SubjectField() subject?: string;

  @IdField({
    description: 'The message of this thread to reply to.',
    example: DEMO_MESSAGES.toResponse.id,
    optional: true,
  })
  reply_to_id?: string;

  @ClientTokenField() client_token?: string;
}

export class EditMessageRequest {
  @ContentField(DEMO_EDIT) content!: string;
}

/** The body of PATCH …/read, which has no fields. */
export class ReadMessageRequest {}

export class DeleteMessageRequest {
  @ChoiceField({
    description:
      'me: hides it from the caller only. everyone: removes its content for everybody, and others see that a message was deleted.',
    choices: ['me', 'everyone'],
    example: 'me',
    optional: true,
  })
  scope: 'me' | 'everyone' = 'me';
}

export class InboxRequest {
  @QueryIntegerField({ description: 'The page number.', minimum: 1, maximum: 100_000, fallback: 1 })
  page: number = 1;

  @QueryIntegerField({ description: 'The page size.', minimum: 10, maximum: 50, fallback: 20 })
  limit: number = 20;

  @QueryBooleanField({ description: 'Only conversations with unread messages.', example: false })
  unread_only: boolean = false;
}

const MAX_SEQ = 999_999_999;

/** Pages of messages are larger by default than those of other lists. */
export class HistoryRequest extends ListRequest {
  @QueryIntegerField({ description: 'The page size, in messages.', minimum: 1, maximum: 100, fallback: 50 })
  override limit: number = 50;

  @QueryIntegerField({
    description:
      'Only messages after this `seq`: the oldest ones first, and `next_cursor` leads to newer ones. It cannot be combined with `cursor`.',
    minimum: 0,
    maximum: MAX_SEQ,
  })
  after_seq?: number;

  @QueryIntegerField({
    description:
      'Messages on both sides of this `seq`: half of `limit` before it, the others from it on. `next_cursor` leads to older ones. It cannot be combined with `cursor` or `after_seq`.',
    minimum: 1,
    maximum: MAX_SEQ,
  })
  around_seq?: number;
}

/** Without a client_token, which would be the same for everybody who tries the example. */
export const SEND_MESSAGE_EXAMPLES = {
  message: {
    summary: 'A message',
    value: { recipient: DEMO_PEOPLE.theo.username, subject: 'Tuesday', content: 'See you on Tuesday?' },
  },
};

export const POST_MESSAGE_EXAMPLES = {
  message: { summary: 'A message', value: { content: 'That is settled, then.' } },
  answer: {
    summary: 'A reply',
    value: { content: 'That is settled, then.', reply_to_id: DEMO_MESSAGES.toResponse.id },
  },
};
