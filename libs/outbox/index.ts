export { DeadLettersService } from './dead-letters.service.js';
export { OnOutboxEvent, OnOutboxEventBatch, type RecordedEvent } from './on-outbox-event.js';
export { type Backlog, MAX_COUNTED, OutboxBacklog } from './outbox-backlog.js';
export { OutboxListener, OutboxNotifier } from './outbox-channel.js';
export { DeadLetter, OutboxRow } from './outbox.entities.js';
export { type ClaimedEvent, Outbox, type Share } from './outbox.js';
export { OutboxModule, OutboxReaderModule } from './outbox.module.js';
