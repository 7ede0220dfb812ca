import dns from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import ipaddr from 'ipaddr.js';
import { OutboundError } from './outbound-error.js';

/** All allocated IPv6 addresses are in this range. The list of special ranges may not know a range outside it yet. */
const GIVEN_OUT: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

/**
 * Whether an address belongs to one publicly reachable machine. IPv6 addresses that embed an IPv4 address, such as
 * mapped, NAT64, 6to4 and Teredo, are always refused: nobody needs them, and they can lead anywhere.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== 'unicast') return false;
  return address instanceof ipaddr.IPv4 || address.match(GIVEN_OUT);
}

/**
 * Resolves names for the connector, which then connects only to the addresses that were checked here. A check before
 * that would let the name change in between. If one address of a name is not public, none is used.
 */
export const lookupPublic: LookupFunction = (hostname, _options, callback) =>
  resolveAndThen(hostname, (error, addresses) => callback(error, addresses ?? []));

const resolveAndThen = callbackify(resolve);

/** Not with dns.lookup: a process runs only two of them at once, so one name server that hangs would delay all. */
async function resolve(hostname: string): Promise<{ address: string; family: number }[]> {
  const answers = await Promise.allSettled([dns.resolve4(hostname), dns.resolve6(hostname)]);
  const addresses = answers.flatMap((answer, index) =>
    answer.status === 'rejected' ? [] : answer.value.map((address) => ({ address, family: 4 + 2 * index })),
  );
  if (addresses.length === 0) throw new OutboundError('The name of the host could not be resolved.');
  if (!addresses.every(({ address }) => isPublicAddress(address))) {
    throw new OutboundError('The name of the host resolves to an address that is not public.');
  }
  return addresses;
}
