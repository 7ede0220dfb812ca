/** A type of the demo organization's own. */
export const DEMO_TYPE = 'SURVEY';
