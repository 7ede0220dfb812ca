/** Why nothing was sent, in a sentence for admins. */
export class OutboundError extends Error {}
