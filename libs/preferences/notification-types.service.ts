import { Injectable } from '@nestjs/common';
import { audit } from '#audit';
import { Database, type PageAfter } from '#database';
import { type Caller, assertStillHolds } from '#identity';
import { Problem, notFound } from '#problem';
import type { Channels } from './channels.js';
import { MAX_TYPES, channelErrors, error, refuse } from './document-check.js';
import { NotificationType } from './entities.js';
import { BUILT_IN_TYPES, type TypeDefinition, completeChannels, withBuiltIn } from './type-definition.js';
import { countOtherTypes, findOwnTypes, upsertType } from './types.queries.js';

export interface TypeInput extends Omit<TypeDefinition, 'name' | 'default_channels'> {
  /** Unchecked input. */
  default_channels: unknown;
}

/** A type, and whether it is a built-in one that the organization has not changed. */
export type ShownType = TypeDefinition & { isDefault: boolean };

@Injectable()
export class NotificationTypesService {
  constructor(private readonly database: Database) {}

  /** The organization's own and the built-in ones, in the order of their names, from behind `after` on. */
  async list(caller: Caller, { limit, after }: PageAfter): Promise<ShownType[]> {
    const own = await this.database.tenantTransaction(caller, findOwnTypes);
    const ownNames = new Set(own.map(({ name }) => name));
    return [...withBuiltIn(own).values()]
      .filter(({ name }) => after === undefined || name > after)
      .toSorted((one, other) => (one.name < other.name ? -1 : 1))
      .slice(0, limit)
      .map((type) => ({ ...type, isDefault: !ownNames.has(type.name) }));
  }

  async get(caller: Caller, name: string): Promise<ShownType> {
    const own = await this.database.tenantTransaction(caller, (tx) =>
      tx.repository(NotificationType).findOneBy({ organization_id: tx.organizationId, name }),
    );
    const type = own ?? BUILT_IN_TYPES.get(name);
    if (!type) throw notFound();
    return { ...type, isDefault: !own };
  }

  put(caller: Caller, name: string, input: TypeInput): Promise<ShownType & { created: boolean }> {
    const type = definitionOf(name, input);
    return this.database.tenantTransaction(caller, async (tx) => {
      await assertStillHolds(tx, caller, 'preferences:manage');
      await tx.lock('notification types');
      if ((await countOtherTypes(tx, name)) >= MAX_TYPES) {
        throw new Problem(
          'conflict',
          `An organization has at most ${MAX_TYPES} types of its own: delete one first.`,
        );
      }
      const saved = await upsertType(tx, type);
      await audit(tx, caller, {
        action: 'notification_type.put',
        targetType: 'notification_type',
        targetId: name,
        details: { ...type },
      });
      return { ...saved, isDefault: false };
    });
  }

  /** Deletes an own type, or returns a built-in one to its default. */
  async remove(caller: Caller, name: string): Promise<void> {
    await this.database.tenantTransaction(caller, async (tx) => {
      await assertStillHolds(tx, caller, 'preferences:manage');
      const key = { organization_id: tx.organizationId, name };
      const { affected } = await tx.repository(NotificationType).delete(key);
      if (affected === 1) {
        await audit(tx, caller, {
          action: 'notification_type.delete',
          targetType: 'notification_type',
          targetId: name,
        });
      } else if (!BUILT_IN_TYPES.has(name)) throw notFound();
    });
  }
}

function definitionOf(name: string, { default_channels, ...input }: TypeInput): TypeDefinition {
  refuse(channelErrors(default_channels, 'default_channels'));
  const { mandatory_channels } = input;
  const channels = completeChannels(default_channels as Channels, mandatory_channels);
  refuse(
    mandatory_channels.flatMap((channel) =>
      channels[channel] === 'off'
        ? error('mandatory_channels', `must not contain ${channel}, which is off in default_channels`)
        : [],
    ),
  );
  return { ...input, name, default_channels: channels };
}
