export {
  type OrganizationChanges,
  type PersonChanges,
  emptyOldest,
  findChangesOfPerson,
  findConcerned,
  findPosition,
} from './change-log.queries.js';
export { type Position, decodeCursor, encodeCursor } from './position.js';
