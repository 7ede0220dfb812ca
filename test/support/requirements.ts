/**
 * True where a test may run that needs something of the machine, such as a browser: where it is present, and always in
 * CI, so that such a test fails there instead of being skipped unnoticed.
 */
export const canRunWith = (isPresent: boolean): boolean => isPresent || Boolean(process.env['CI']);

export const isRoot = process.getuid?.() === 0;

/** The same for what only root can do: in CI a test of it must run as root, and is skipped for other users. */
export const canRunAsRootWith = (isPresent: boolean): boolean => isRoot && canRunWith(isPresent);
