import { join } from 'node:path';
import type { DatabaseConfig } from './database.js';
import { ConfigurationError, type EnvironmentReader } from './environment.js';

/** Where mail is sent: to a server or, in development, to a folder. */
export type Mail = { from: string; smtpUrl: string } | { from: string; folder: string };

export function readMail(
  read: EnvironmentReader,
  { production, dataDir }: DatabaseConfig,
): { publicUrl: string; mail: Mail | null } {
  const smtpUrl = read.url('SMTP_URL', ['smtp:', 'smtps:']);
  const given = readPublicUrl(read);
  const from = readSender(read);
  if (smtpUrl && production) {
    const missing = !given ? 'PUBLIC_URL' : !from && 'MAIL_FROM';
    if (missing) {
      throw new ConfigurationError(
        `${missing} must be set with SMTP_URL: mails have a sender, and links to this server.`,
      );
    }
  }
  const sender = from ?? 'Tidings <tidings@localhost>';
  return {
    publicUrl: given ?? `http://localhost:${read.port()}`,
    mail: smtpUrl
      ? { from: sender, smtpUrl }
      : production
        ? null
        : { from: sender, folder: join(dataDir, 'mail') },
  };
}

/** Paths are appended to this URL. */
function readPublicUrl(read: EnvironmentReader): string | undefined {
  const given = read.url('PUBLIC_URL', ['https:', 'http:']);
  if (given === undefined) return undefined;
  const { origin, pathname, search, hash } = new URL(given);
  if (search || hash) {
    throw new ConfigurationError(
      'PUBLIC_URL must end with its path, without ? and #, because paths are appended to it.',
    );
  }
  return `${origin}${pathname}`.replace(/\/+$/, '');
}

/** One address, with or without a name. */
const SENDER = /^(?:(?:"[^"<>@]*"|[^<>@",;:]*) <[^\s<>@]+@[^\s<>@]+>|[^\s<>@,;:]+@[^\s<>@,;:]+)$/;

function readSender(read: EnvironmentReader): string | undefined {
  const from = read.text('MAIL_FROM');
  if (from !== undefined && !SENDER.test(from)) {
    throw new ConfigurationError(
      'MAIL_FROM must be an address such as tidings@example.com, or Tidings <tidings@example.com>.',
    );
  }
  return from;
}
