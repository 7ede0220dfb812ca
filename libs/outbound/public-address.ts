import dns from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import ipaddr from 'ipaddr.js';
import { OutboundError } from './outbound-error.js';

/** All of what is given out of IPv6 lies in here: what the list of special ranges does not know yet does not. */
const GIVEN_OUT: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

/**
 * Whether an address belongs to one machine that anybody can reach. What stands for an IPv4 address inside IPv6, as
 * mapped, NAT64, 6to4 and Teredo do, is refused whatever it stands for: nobody needs it, and it leads anywhere.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== 'unicast') return false;
  return address instanceof ipaddr.IPv4 || address.match(GIVEN_OUT);
}

/**
 * Looks names up for the connector itself, which then connects to nothing but what was found and judged here: to
 * judge before would leave a name time to change. Where one address of a name is not public, none is tried.
 */
export const lookupPublic: LookupFunction = (hostname, _options, callback) =>
  resolveAndThen(hostname, (error, addresses) => callback(error, addresses ?? []));

const resolveAndThen = callbackify(resolve);

/** Not dns.lookup: of that two names are looked up at once in a process, and one whose server hangs holds up all. */
async function resolve(hostname: string): Promise<{ address: string; family: number }[]> {
  const answers = await Promise.allSettled([dns.resolve4(hostname), dns.resolve6(hostname)]);
  const addresses = answers.flatMap((answer, index) =>
    answer.status === 'rejected' ? [] : answer.value.map((address) => ({ address, family: 4 + 2 * index })),
  );
  if (addresses.length === 0) throw new OutboundError('The name of the host could not be resolved.');
  if (!addresses.every(({ address }) => isPublicAddress(address))) {
    throw new OutboundError('The name of the host leads to an address that is not public.');
  }
  return addresses;
}
