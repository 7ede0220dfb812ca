import { join } from 'node:path';
import { ConfigurationError, type EnvironmentReader } from './environment.js';

/** Where mail goes: to a server, or, in development, into a folder for looking at. */
export type Mail = { from: string; smtpUrl: string } | { from: string; folder: string };

interface Surroundings {
  production: boolean;
  port: number;
  dataDir: string;
}

export function readMail(
  read: EnvironmentReader,
  { production, port, dataDir }: Surroundings,
): { publicUrl: string; mail: Mail | null } {
  const smtpUrl = read.url('SMTP_URL', ['smtp:', 'smtps:']);
  const given = read.url('PUBLIC_URL', ['https:', 'http:'])?.replace(/\/+$/, '');
  const from = read.text('MAIL_FROM');
  if (smtpUrl && production) {
    const missing = !given ? 'PUBLIC_URL' : !from && 'MAIL_FROM';
    if (missing) {
      throw new ConfigurationError(
        `${missing} must be set with SMTP_URL: mails say who sends them, and link here.`,
      );
    }
  }
  const sender = from ?? 'Tidings <tidings@localhost>';
  return {
    publicUrl: given ?? `http://localhost:${port}`,
    mail: smtpUrl
      ? { from: sender, smtpUrl }
      : production
        ? null
        : { from: sender, folder: join(dataDir, 'mail') },
  };
}
