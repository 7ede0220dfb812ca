/**
 * Decides whether a request may be served now, once its sender is authenticated. It throws a problem if not. A module
 * that imports AccessModule must provide one.
 */
export abstract class Admission {
  /** organizationId is null on public routes. */
  abstract admit(request: object, organizationId: string | null): void;
}
