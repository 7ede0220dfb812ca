import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { PersonCaller } from '#identity';
import { invalidField } from '#problem';
import type { Priority } from './channels.js';
import { assertKnownTypes, assertUnlocked } from './choice-check.js';
import { type DocumentPatch, assertDocument, assertPatch } from './document-check.js';
import { type PreferenceDocument, cellsOf } from './document.js';
import { mergePatch } from './merge-patch.js';
import { type Scope, lockDocument, personPlace, saveDocument } from './documents.repository.js';
import { type Overview, findOverview, findPreferences } from './preferences.repository.js';
import { type Decisions, resolve } from './resolve.js';

/** What a person has chosen, and what holds for them. */
export interface OwnPreferences {
  explicit: Record<Scope, PreferenceDocument>;
  /** By the name of the type. */
  effective: Record<string, Decisions>;
}

export interface Question {
  type: string;
  priority?: Priority;
  at?: Date;
}

@Injectable()
export class Preferences {
  constructor(private readonly database: Database) {}

  get(caller: PersonCaller): Promise<OwnPreferences> {
    return this.database.tenantTransaction(caller, async (tx) => show(await findOverview(tx, caller.userId)));
  }

  /**
   * What is locked here can still be chosen for all organizations: what is locked in one of them says nothing of
   * the others.
   */
  patch(caller: PersonCaller, scope: Scope, patch: DocumentPatch): Promise<OwnPreferences> {
    assertPatch(patch);
    const cells = cellsOf(patch as PreferenceDocument);
    return this.database.tenantTransaction(caller, async (tx) => {
      const place = personPlace(tx, caller.userId, scope);
      const current = await lockDocument<PreferenceDocument>(tx, place);
      const overview = await findOverview(tx, caller.userId);
      if (scope === 'organization') {
        assertKnownTypes(cells, overview.types);
        assertUnlocked(cells, overview.types, overview.organization);
      }
      const document = (mergePatch(current, patch) ?? {}) as PreferenceDocument;
      assertDocument(document);
      await saveDocument(tx, place, document);
      return show({ ...overview, person: { ...overview.person, [scope]: document } });
    });
  }

  /** What would be decided about a notification of this type, without one. */
  evaluate(caller: PersonCaller, { type, priority, at = new Date() }: Question): Promise<Decisions> {
    return this.database.tenantTransaction(caller, async (tx) => {
      const found = await findPreferences(tx, [caller.userId], type);
      if (!found) throw invalidField('type', 'must be a type of this organization');
      return resolve(found.people.get(caller.userId)!, { priority, at });
    });
  }
}

function show({ types, ...choices }: Overview): OwnPreferences {
  const at = new Date();
  const effective = [...types.values()].map((type) => [type.name, resolve({ ...choices, type }, { at })]);
  return { explicit: choices.person, effective: Object.fromEntries(effective) as Record<string, Decisions> };
}
