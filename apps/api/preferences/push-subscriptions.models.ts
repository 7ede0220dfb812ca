import { ECDH } from 'node:crypto';
import { ApiProperty } from '@nestjs/swagger';
import { IsNumber } from 'class-validator';
import type { ShownSubscription } from '#web-push';
import { presentTime, time } from '../http/responses.js';
import { ObjectField } from '../http/compound-fields.js';
import { CheckedTextField, TextField, field } from '../http/fields.js';

const EXAMPLE = 'https://push.example/wpush/v2/gAAAAABo';

/** A key that is not a point of the curve would fail each encryption. */
function isPublicKey(text: string): boolean {
  try {
    return /^[\w-]{87}=?$/.test(text) && ECDH.convertKey(text, 'prime256v1', 'base64url').length === 65;
  } catch {
    return false;
  }
}

export class SubscriptionKeysRequest {
  @CheckedTextField(
    {
      description: 'The public key of the browser.',
      maxLength: 100,
      example: 'BHjj3u00cvu3fTU6loejHopkEtq6gKYhzeD55tPsBmJVLPO-yjEe4pgfzAhHNQupkvMNJCOY9rDHQjtsKkajCxg',
    },
    '65 bytes in base64url, a point of P-256',
    isPublicKey,
  )
  p256dh!: string;

  @TextField({
    description: 'The authentication secret of the browser.',
    maxLength: 100,
    pattern: /^[\w-]{22}(==)?$/,
    patternMessage: 'must be 16 bytes in base64url',
    example: 'txYApg-S0teJVF17ReVGVQ',
  })
  auth!: string;
}

const EndpointField = (description: string) => TextField({ description, maxLength: 1000, example: EXAMPLE });

export class PutPushSubscriptionRequest {
  @EndpointField('The https address of the push service for this browser.')
  endpoint!: string;

  @ObjectField(SubscriptionKeysRequest, {
    description: 'The keys that encrypt each push message for the browser.',
    example: {
      p256dh: 'BHjj3u00cvu3fTU6loejHopkEtq6gKYhzeD55tPsBmJVLPO-yjEe4pgfzAhHNQupkvMNJCOY9rDHQjtsKkajCxg',
      auth: 'txYApg-S0teJVF17ReVGVQ',
    },
  })
  keys!: SubscriptionKeysRequest;

  @field(
    {
      description: 'Accepted because browsers send it, and ignored.',
      example: 1795000000000,
      optional: true,
      nullable: true,
    },
    { type: 'number' },
    [IsNumber({}, { message: 'must be a number or null' })],
  )
  expirationTime?: number | null;
}

export class DeletePushSubscriptionRequest {
  @EndpointField('The endpoint of the subscription to delete.')
  endpoint!: string;
}

export class PushSubscriptionResponse {
  @ApiProperty({ format: 'uuid', example: '0199a000-0000-7000-8000-000000000701' }) id!: string;

  @ApiProperty({
    description:
      'The host of the endpoint. The endpoint itself is secret: anybody who knows it could take it over.',
    example: 'push.example',
  })
  host!: string;

  @ApiProperty({ ...time, description: 'When the browser subscribed.' }) created_at!: string;
}

export class PushSubscriptionsResponse {
  @ApiProperty({
    description: 'The applicationServerKey for browsers of this organization.',
    example: 'BDwHMW5Zol5yVQvXgYtwxEBvSNyRbXB7RTBaDUdTrJmhcJEHZyqqWNqcNsA1LfNi5u3XIQXZp6Q9hTTTpeYbVHk',
  })
  public_key!: string;

  @ApiProperty({ type: [PushSubscriptionResponse], description: 'Oldest first.' })
  subscriptions!: PushSubscriptionResponse[];
}

export const presentSubscription = ({
  id,
  endpoint,
  created_at,
}: ShownSubscription): PushSubscriptionResponse => ({
  id,
  host: new URL(endpoint).host,
  created_at: presentTime(created_at),
});
