import type { NodemailerError } from 'nodemailer';
import type { SendOutcome } from '#outbound';

/**
 * A recipient or a mail that the server refuses for good has failed; a server that is away, busy, or does not want us
 * may be put right. Admins of an organization read what it said, and not where it stands.
 */
export function outcomeOfSmtpError(error: unknown): SendOutcome {
  const { code, originalCode, command, response, responseCode, permanent } = error as NodemailerError;
  const isAboutMail = code === 'EENVELOPE' || code === 'EMESSAGE';
  if (isAboutMail && responseCode === undefined) {
    return { status: 'failed', error: 'The address or the mail is not one that can be sent.' };
  }
  const said = response ?? originalCode ?? code ?? 'unknown';
  // A sender that is refused is not the recipient's fault.
  if (isAboutMail && permanent && command !== 'MAIL FROM') {
    return { status: 'failed', error: `The mail server refused it: ${said}` };
  }
  return { status: 'retry', error: `The mail server did not take it: ${said}` };
}
