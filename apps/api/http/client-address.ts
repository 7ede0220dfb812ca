/** The address that clients are counted by: of IPv6 the network, since whoever has one address of it has them all. */
export const networkOf = (ip: string): string =>
  ip.includes('.') ? ip.replace(MAPPED, '') : ip.split('::')[0]!.split(':').slice(0, 4).join(':');

/** How an IPv4 address is written where the server listens on both. */
const MAPPED = /^::ffff:/i;
