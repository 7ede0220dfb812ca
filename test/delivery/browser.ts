import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';

/** A browser that has subscribed: it alone can read what is pushed to it, as RFC 8291 says. */
export class Browser {
  readonly path = `/push/${uuid()}`;
  private readonly pair = createECDH('prime256v1');
  private readonly auth = randomBytes(16);

  constructor(private readonly origin: string) {
    this.pair.generateKeys();
  }

  /** As PushSubscription.toJSON() gives it. */
  get subscription() {
    return {
      endpoint: this.origin + this.path,
      expirationTime: null,
      keys: { p256dh: this.pair.getPublicKey('base64url'), auth: this.auth.toString('base64url') },
    };
  }

  read(body: Buffer): any {
    const salt = body.subarray(0, 16);
    const sender = body.subarray(21, 21 + body[20]!);
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.pair.getPublicKey(), sender]);
    const secret = hkdf(this.pair.computeSecret(sender), this.auth, info, 32);
    const key = hkdf(secret, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
    const nonce = hkdf(secret, salt, Buffer.from('Content-Encoding: nonce\0'), 12);
    const sealed = body.subarray(21 + body[20]!);
    const decipher = createDecipheriv('aes-128-gcm', key, nonce).setAuthTag(sealed.subarray(-16));
    const padded = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
    return JSON.parse(padded.subarray(0, padded.lastIndexOf(2)).toString());
  }
}

const hkdf = (secret: Buffer, salt: Buffer, info: Buffer, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, salt, info, length));
