export { ACCESS_RETENTION, eraseActAsReads } from './act-as.repository.js';
export { ActAsGuard } from './act-as.guard.js';
export { Admission } from './admission.js';
export { AccessModule } from './access.module.js';
export { Allow, ALLOWED, type Allowed, PERSON_SCHEME, Public, SERVICE_SCHEME } from './allow.js';
export { By } from './by.js';
export type { Credentials } from './credentials.js';
export { RouteCheck } from './route-check.js';
export { TokenVerifier } from './token-verifier.js';
