import { type RemoteInfo, createSocket } from 'node:dgram';
import dns from 'node:dns';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { afterAll, beforeAll } from 'vitest';

/** The addresses of a name, each time it is asked for; undefined: no answer at all. */
type Zone = (name: string) => string[] | undefined;

const HEADER = 12;
const A = 1;
const AAAA = 28;
const ANSWERED = 0x8180;

/** A real name server, for this process alone, that changes its mind as tests want it to. */
export class NameServer {
  private readonly socket = createSocket('udp4');
  private zone: Zone = () => [];

  serve(zone: Zone): void {
    this.zone = zone;
  }

  async start(): Promise<void> {
    this.socket.on('message', (query, from) => this.answer(query, from));
    this.socket.bind(0, '127.0.0.1');
    await once(this.socket, 'listening');
    dns.setServers([`127.0.0.1:${this.socket.address().port}`]);
  }

  stop(): void {
    this.socket.close();
  }

  private answer(query: Buffer, from: RemoteInfo): void {
    const { name, type, end } = questionOf(query);
    const addresses = this.zone(name);
    if (!addresses) return;
    const records = addresses.filter((address) => type === (isIPv6(address) ? AAAA : A)).map(recordOf(type));
    const header = Buffer.alloc(HEADER);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(ANSWERED, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    const reply = Buffer.concat([header, query.subarray(HEADER, end), ...records]);
    this.socket.send(reply, from.port, from.address);
  }
}

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = HEADER;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** Of the name that was asked for, to be kept by nobody. */
const recordOf = (type: number) => (address: string) => {
  const bytes = Buffer.from(ipaddr.parse(address).toByteArray());
  const record = Buffer.from([0xc0, HEADER, 0, type, 0, 1, 0, 0, 0, 0, 0, bytes.length]);
  return Buffer.concat([record, bytes]);
};

export function useNameServer(): NameServer {
  const server = new NameServer();
  beforeAll(() => server.start());
  afterAll(() => server.stop());
  return server;
}
