/** Why nothing was sent, as a sentence for admins. */
export class OutboundError extends Error {}
