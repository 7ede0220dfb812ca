export { EmailSender } from './email-sender.js';
export { labelOf } from './mail-content.js';
export { Mailer } from './mailer.js';
export { type Markup, markup } from './markup.js';
export { UnsubscribeKeysService } from './unsubscribe-keys.service.js';
export { type Subscription, UnsubscriptionsService } from './unsubscriptions.service.js';
export { EmailModule, EmailSenderModule } from './email.module.js';
