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

/** What a person has chosen, and what holds for them. */
export interface OwnPreferences {
  explicit: Record<Scope, PreferenceDocument>;
  /** By the name of the type. */
  effective: Record<string, Decisions>;
}

/** Whose preferences: a caller, or whoever a link that we have signed is for. */
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
   * What is locked here can still be chosen for all organizations: what is locked in one of them says nothing of
   * the others.
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

  /** What would be decided about a notification of this type, without one. */
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
