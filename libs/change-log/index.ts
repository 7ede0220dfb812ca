export {
  type LoggedChange,
  MAX_ROWS,
  MAX_THREADS,
  type OrganizationChanges,
  type PersonChanges,
  emptyOldest,
  findChangesOfPerson,
  findConcerned,
  findPosition,
} from './change-log.queries.js';
export { type Position, decodeCursor, encodeCursor } from './position.js';
