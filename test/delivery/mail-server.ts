import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { afterAll } from 'vitest';

export interface ReceivedMail extends Email {
  /** The address that it was handed over for, whatever its headers say. */
  recipients: string[];
  raw: string;
}

export interface Refusal {
  code: number;
  words: string;
}

/** A real SMTP server that can be told to refuse recipients. */
export class MailServer {
  readonly received: ReceivedMail[] = [];
  private readonly refusals = new Map<string, (Refusal | undefined)[]>();
  /** How many milliseconds it takes to answer a mail. */
  slowness = 0;
  private readonly holds = new Set<string>();
  private readonly waiting: (() => void)[] = [];
  private readonly server = new SMTPServer({
    authOptional: true,
    closeTimeout: 500,
    disabledCommands: ['STARTTLS'],
    onRcptTo: ({ address }, _session, answer) => answer(this.refusalOf(address)),
    onData: (stream, session, answer) => {
      const recipients = session.envelope.rcptTo.map(({ address }) => address);
      void this.take(stream, recipients)
        .then(() => this.untilLetGo(recipients))
        .then(
          () => answer(),
          (error: Error) => answer(error),
        );
    },
  });

  async start(port = 0): Promise<void> {
    // Connections break off where a test kills the process that sends.
    this.server.on('error', () => undefined);
    this.server.listen(port, '127.0.0.1');
    await once(this.server.server, 'listening');
  }

  stop = (): Promise<void> => new Promise((resolve) => this.server.close(resolve));

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.server.address() as AddressInfo).port}`;
  }

  /** Each time this address is named, the next of these; accepted when there are no more. */
  refuse(address: string, ...refusals: Refusal[]): void {
    this.refusals.set(address, refusals);
  }

  of = (address: string): ReceivedMail[] =>
    this.received.filter(({ recipients }) => recipients.includes(address));

  /** From now on mails to this address are answered only once they are let go. */
  hold(address: string): void {
    this.holds.add(address);
  }

  letGo(): void {
    this.holds.clear();
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** How many mails it has not answered. */
  get held(): number {
    return this.waiting.length;
  }

  private async untilLetGo(recipients: string[]): Promise<void> {
    if (this.slowness > 0) await delay(this.slowness);
    if (!recipients.some((address) => this.holds.has(address))) return;
    await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private refusalOf(address: string): Error | null {
    const refusal = this.refusals.get(address)?.shift();
    return refusal ? Object.assign(new Error(refusal.words), { responseCode: refusal.code }) : null;
  }

  private async take(stream: NodeJS.ReadableStream, recipients: string[]): Promise<void> {
    const raw = await buffer(stream);
    this.received.push({ ...(await PostalMime.parse(raw)), recipients, raw: raw.toString() });
  }
}

/** One for a file of tests, which ends after whoever sends to it. */
export async function useMailServer(): Promise<MailServer> {
  const server = new MailServer();
  await server.start();
  afterAll(() => server.stop());
  return server;
}

export const headerOf = ({ headers }: Email, name: string): string[] =>
  headers.filter(({ key }) => key === name.toLowerCase()).map(({ value }) => value);
