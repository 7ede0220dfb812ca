/** A notification type that the demo organization has added. */
export const DEMO_TYPE = 'SURVEY';
