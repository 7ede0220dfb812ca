import ipaddr from 'ipaddr.js';

/**
 * The address that clients are counted by: of IPv6 the network of 64 bits, since whoever has one address of it has
 * them all. An IPv4 address is the same however it is written, since the server may listen on both. A connection that
 * is gone has none.
 */
export function networkOf(ip: string): string {
  if (!ipaddr.isValid(ip)) return ip;
  const address = ipaddr.process(ip);
  return address instanceof ipaddr.IPv4 ? address.toString() : address.parts.slice(0, 4).join(':');
}
