import { Module } from '@nestjs/common';
import { OutboundModule } from '#outbound';
import { PreferencesModule } from '#preferences';
import { EmailSender } from './email-sender.js';
import { Mailer } from './mailer.js';
import { UnsubscribeKeysService } from './unsubscribe-keys.service.js';
import { UnsubscriptionsService } from './unsubscriptions.service.js';

const services = [UnsubscriptionsService, UnsubscribeKeysService];

/** Unsubscribe links, and the keys that sign them. */
@Module({ imports: [OutboundModule, PreferencesModule], providers: services, exports: services })
export class EmailModule {}

/** The providers that send e-mail, for workers only. */
@Module({ imports: [OutboundModule], providers: [Mailer, EmailSender], exports: [EmailSender] })
export class EmailSenderModule {}
