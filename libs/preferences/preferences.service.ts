import { Injectable } from '@nestjs/common';
import { Database, type Tenant } from '#database';
import type { Priority } from './channels.js';
import { assertKnownTypes, assertUnlocked } from './choice-check.js';
import { changesDelay } from './delay.js';
import { type DocumentPatch, assertDocument, assertPatch } from './document-check.js';
import { type PreferenceDocument, cellsOf } from './document.js';
import { mergePatch } from './merge-patch.js';
import { type Scope, lockDocument, personPlace, saveDocument } from './documents.queries.js';
import { type Overview, findOverview, findPreferences } from './preferences.queries.js';
import { type Decisions, resolve } from './resolve.js';
import { unknownType } from './type-definition.js';

/** A person's choices, and the resulting decisions. */
export interface OwnPreferences {
  explicit: Record<Scope, PreferenceDocument>;
  /** By name of the type. */
  effective: Record<string, Decisions>;
}

/** The person whose preferences these are: a caller, or the person of an unsubscribe link. */
type Person = Tenant & { userId: string };

export interface Question {
  type: string;
  priority?: Priority;
  at?: Date;
}

@Injectable()
export class PreferencesService {
  constructor(private readonly database: Database) {}

  get(person: Person): Promise<OwnPreferences> {
    return this.database.tenantTransaction(person, async (tx) => show(await findOverview(tx, person.userId)));
  }

  /**
   * A choice that is locked here can still be made for all organizations, because other organizations may not lock
   * it.
   */
  patch(person: Person, scope: Scope, patch: DocumentPatch): Promise<OwnPreferences> {
    assertPatch(patch);
    const cells = cellsOf(patch as PreferenceDocument);
    return this.database.tenantTransaction(person, async (tx) => {
      const place = personPlace(tx, person.userId, scope);
      const current = await lockDocument<PreferenceDocument>(tx, place);
      const overview = await findOverview(tx, person.userId);
      if (scope === 'organization') {
        assertKnownTypes(cells, overview.types);
        assertUnlocked(cells, overview.types, overview.organization);
      }
      const document = (mergePatch(current, patch) ?? {}) as PreferenceDocument;
      assertDocument(document);
      await saveDocument(tx, place, document);
      if (changesDelay(current, document)) {
        tx.record('preferences.changed', { user_id: person.userId, everywhere: scope === 'global' });
      }
      return show({ ...overview, person: { ...overview.person, [scope]: document } });
    });
  }

  /** The decisions for a notification of this type, without creating one. */
  evaluate(person: Person, { type, priority, at }: Question): Promise<Decisions> {
    return this.database.tenantTransaction(person, async (tx) => {
      const found = await findPreferences(tx, [person.userId], type);
      if (!found) throw unknownType();
      return resolve(found.people.get(person.userId)!, { priority, at: at ?? found.now });
    });
  }
}

function show({ types, now: at, ...choices }: Overview): OwnPreferences {
  const effective = [...types.values()].map((type) => [type.name, resolve({ ...choices, type }, { at })]);
  return { explicit: choices.person, effective: Object.fromEntries(effective) as Record<string, Decisions> };
}
