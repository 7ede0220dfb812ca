export { AccessModule } from './access.module.js';
export { ActAsGuard } from './act-as.guard.js';
export { ACCESS_RETENTION, eraseActAsReads } from './act-as.queries.js';
export { Admission } from './admission.js';
export { Allow, type Allowed, PERSON_SCHEME, Public, SERVICE_SCHEME } from './allow.js';
export type { Credentials } from './credentials.js';
export { CurrentCaller } from './current-caller.js';
export { RouteCheck } from './route-check.js';
export { TokenVerifier } from './token-verifier.js';
