import type { NodemailerError } from 'nodemailer';
import type { SendOutcome } from '#outbound';

/**
 * If the server permanently refuses a recipient or a mail, the delivery fails. If the server is unavailable, busy or
 * refuses the sender, it is retried, because an operator can fix that. Admins of an organization see what the server
 * said, but not its address.
 */
export function outcomeOfSmtpError(error: unknown): SendOutcome {
  const { code, originalCode, command, response, responseCode, permanent } = error as NodemailerError;
  const isAboutMail = code === 'EENVELOPE' || code === 'EMESSAGE';
  if (isAboutMail && responseCode === undefined) {
    return { status: 'failed', error: 'The address or the mail is not one that can be sent.' };
  }
  const said = response ?? originalCode ?? code ?? 'unknown';
  // A refused sender is not the recipient's fault.
  if (isAboutMail && permanent && command !== 'MAIL FROM') {
    return { status: 'failed', error: `The mail server refused it: ${said}` };
  }
  return { status: 'retry', error: `The mail server did not take it: ${said}` };
}
