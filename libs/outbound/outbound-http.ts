import http, { type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import { type TcpNetConnectOpts, isIP } from 'node:net';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, VERSION, type WorkerConfig } from '#config';
import { isPublicAddress, lookupPublic } from './public-address.js';
import { OutboundError } from './outbound-error.js';

export interface HttpResponse {
  status: number;
  /** From the Retry-After header. */
  retryAfterSeconds?: number;
}

export interface HttpContent {
  headers: Record<string, string>;
  body: string | Buffer;
}

const SECONDS_FOR_ALL = 15;

/** The body of a response is not used, but closing the connection in the middle of it would look like an abort. */
const MAX_RESPONSE_BYTES = 8192;
const MILLISECONDS_FOR_BODY = 1000;

/** Sends to URLs that customers have chosen, so never to an address that is not public. */
@Injectable()
export class OutboundHttp {
  constructor(@Inject(CONFIG) private readonly config: WorkerConfig) {}

  /** Why this URL can never be used, as a message for the person who chose it, or undefined. */
  objectionTo(url: string): string | undefined {
    const { production, webhookAllowPrivate } = this.config;
    if (!URL.canParse(url)) return 'must be a URL such as https://example.com/path';
    const { protocol, hostname, username, password } = new URL(url);
    if (protocol !== 'https:' && protocol !== 'http:') return 'must begin with https://';
    if (username !== '' || password !== '') return 'must not contain a username or password';
    if (webhookAllowPrivate) return undefined;
    if (production && protocol === 'http:') return 'must begin with https://';
    const literal = /^\[(.*)\]$/.exec(hostname)?.[1] ?? hostname;
    return isIP(literal) && !isPublicAddress(literal) ? 'must lead to a public address' : undefined;
  }

  /**
   * Sends one POST on a new connection, without redirects and without a proxy of the environment. A failure is an
   * error with a sentence that does not contain what was sent.
   */
  async post(url: string, content: HttpContent, signal?: AbortSignal): Promise<HttpResponse> {
    const objection = this.objectionTo(url);
    if (objection) throw new OutboundError(`The URL ${objection}.`);
    const timeLimit = AbortSignal.timeout(SECONDS_FOR_ALL * 1000);
    const signals = signal ? [signal, timeLimit] : [timeLimit];
    try {
      const response = await this.send(new URL(url), content, AbortSignal.any(signals));
      await readSome(response);
      return { status: response.statusCode!, retryAfterSeconds: pauseOf(response) };
    } catch (error) {
      signal?.throwIfAborted();
      throw timeLimit.aborted
        ? new OutboundError(`There was no response within ${SECONDS_FOR_ALL} seconds.`)
        : describe(error);
    }
  }

  private send(url: URL, { headers, body }: HttpContent, signal: AbortSignal): Promise<IncomingMessage> {
    const options: RequestOptions & Partial<TcpNetConnectOpts> = {
      method: 'POST',
      headers: { ...headers, 'user-agent': `Tidings/${VERSION}`, 'content-length': Buffer.byteLength(body) },
      agent: false,
      signal,
      autoSelectFamily: true,
      // The default of 250 ms is less than a round trip to the other side of the world.
      autoSelectFamilyAttemptTimeout: 1000,
      ...(!this.config.webhookAllowPrivate && { lookup: lookupPublic }),
    };
    return new Promise((resolve, reject) => {
      const request = (url.protocol === 'https:' ? https : http).request(url, options, resolve);
      request.on('error', reject);
      request.on('close', () => reject(new OutboundError('The connection was closed without a response.')));
      request.end(body);
    });
  }
}

async function readSome(response: IncomingMessage): Promise<void> {
  const timer = setTimeout(() => response.destroy(), MILLISECONDS_FOR_BODY);
  try {
    let length = 0;
    for await (const chunk of response) {
      length += (chunk as Buffer).length;
      if (length > MAX_RESPONSE_BYTES) break;
    }
  } catch {
    // Only the status matters, and it has arrived.
  } finally {
    clearTimeout(timer);
  }
}

/** In seconds, or as a date. */
function pauseOf({ headers }: IncomingMessage): number | undefined {
  const text = headers['retry-after'] ?? '';
  if (/^\d+$/.test(text)) return Number(text);
  const seconds = (Date.parse(text) - Date.now()) / 1000;
  return seconds > 0 ? seconds : undefined;
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'The connection was refused.',
  ECONNRESET: 'The connection was closed without a response.',
  ENOTFOUND: 'The name of the host could not be resolved.',
};

function describe(error: unknown): Error {
  if (error instanceof OutboundError) return error;
  const { code = 'unknown' } = error as { code?: string };
  return new OutboundError(REASONS[code] ?? `The connection failed: ${code}.`);
}
