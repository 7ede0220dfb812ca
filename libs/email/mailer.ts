import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { type Transporter, createTransport } from 'nodemailer';
import { CONFIG, type WorkerConfig } from '#config';
import type { Mail } from './compose-mail.js';
import { outcomeOfSmtpError } from './smtp-errors.js';
import type { SendOutcome } from '#outbound';

/** Together they stay below what a claim allows: see MAX_SEND_MILLISECONDS. */
const TIMEOUTS = {
  dnsTimeout: 5000,
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 20_000,
};

/** Sends e-mail through the SMTP server or, in development, writes it to a folder. */
@Injectable()
export class Mailer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Mail');
  private readonly mail: WorkerConfig['mail'];
  private readonly transport: Transporter;

  constructor(@Inject(CONFIG) { mail, concurrency }: WorkerConfig) {
    this.mail = mail;
    const maxConnections = concurrency.email + concurrency.digest;
    this.transport =
      mail && 'smtpUrl' in mail
        ? createTransport({ url: mail.smtpUrl, pool: true, maxConnections, ...TIMEOUTS })
        : createTransport({ streamTransport: true, buffer: true });
  }

  onApplicationBootstrap(): void {
    if (!this.mail) this.logger.warn('No e-mail is sent, because SMTP_URL is not set.');
    else if ('folder' in this.mail)
      this.logger.log(`SMTP_URL is not set: e-mail is written to ${this.mail.folder}`);
  }

  onApplicationShutdown(): void {
    this.transport.close();
  }

  async send({ id, ...mail }: Mail, signal: AbortSignal): Promise<SendOutcome> {
    if (!this.mail) return { status: 'retry', error: 'No e-mail is sent here: SMTP_URL is not set.' };
    try {
      const { message } = await this.transport.sendMail({ ...mail, from: this.mail.from, signal });
      if ('folder' in this.mail) await keep(this.mail.folder, id, message as Buffer);
      return { status: 'sent' };
    } catch (error) {
      signal.throwIfAborted();
      const outcome = outcomeOfSmtpError(error);
      // Logged for the operator, who can fix it. Admins of an organization cannot.
      if (outcome.status === 'retry')
        this.logger.warn(`Sending an e-mail failed, retrying later: ${String(error)}`);
      return outcome;
    }
  }
}

/** Writes the file completely or not at all, under a name that sorts by time. */
async function keep(folder: string, id: string, message: Buffer): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${new Date().toISOString().replaceAll(':', '-')}-${id}.eml`);
  await writeFile(`${file}.part`, message);
  await rename(`${file}.part`, file);
}
