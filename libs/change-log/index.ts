export { MAX_ROWS, MAX_THREADS, emptyOldest, findPosition } from './log.queries.js';
export {
  type LoggedChange,
  type OrganizationChanges,
  findConcerned,
} from './organization-changes.queries.js';
export { type PersonChanges, findChangesOfPerson } from './person-changes.queries.js';
export { type Position, decodeCursor, encodeCursor } from './position.js';
