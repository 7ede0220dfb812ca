/**
 * Decides whether a request may be served now, as soon as its sender is proven: throws a problem if not. Whatever
 * imports AccessModule provides one.
 */
export abstract class Admission {
  /** null where nobody has to prove who they are. */
  abstract admit(request: object, organizationId: string | null): void;
}
