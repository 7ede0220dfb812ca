import ipaddr from 'ipaddr.js';

/**
 * The address for counting clients. IPv6 addresses count by their 64-bit network, because a client with one address
 * of it has all of them. Different notations of an IPv4 address count as one, because the server may listen on both.
 * A closed connection has no address.
 */
export function networkOf(ip: string): string {
  if (!ipaddr.isValid(ip)) return ip;
  const address = ipaddr.process(ip);
  return address instanceof ipaddr.IPv4 ? address.toString() : address.parts.slice(0, 4).join(':');
}
