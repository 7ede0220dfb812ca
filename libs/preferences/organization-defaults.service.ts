import { Injectable } from '@nestjs/common';
import { audit } from '#audit';
import { Database } from '#database';
import { type Caller, assertStillHolds } from '#identity';
import { assertKnownTypes } from './choice-check.js';
import { changesDelay } from './delay.js';
import { type DocumentPatch, assertDocument, assertPatch } from './document-check.js';
import { type OrganizationDocument, cellsOf } from './document.js';
import { mergePatch } from './merge-patch.js';
import { lockDocument, organizationPlace, saveDocument } from './documents.queries.js';
import { findDefaults } from './preferences.queries.js';

/** The defaults for people without a choice of their own, and the locks. They are not copied to people. */
@Injectable()
export class OrganizationDefaultsService {
  constructor(private readonly database: Database) {}

  get(caller: Caller): Promise<OrganizationDocument> {
    return this.database.tenantTransaction(caller, async (tx) => (await findDefaults(tx)).organization);
  }

  patch(caller: Caller, patch: DocumentPatch): Promise<OrganizationDocument> {
    assertPatch(patch);
    return this.database.tenantTransaction(caller, async (tx) => {
      await assertStillHolds(tx, caller, 'preferences:manage');
      const place = organizationPlace(tx);
      const current = await lockDocument<OrganizationDocument>(tx, place);
      assertKnownTypes(cellsOf(patch as OrganizationDocument), (await findDefaults(tx)).types);
      const document = (mergePatch(current, patch) ?? {}) as OrganizationDocument;
      assertDocument(document);
      await saveDocument(tx, place, document);
      if (changesDelay(current, document)) tx.record('preferences.changed', { user_id: null });
      await audit(tx, caller, {
        action: 'preferences.patch',
        targetType: 'organization',
        targetId: tx.organizationId,
        details: { patch },
      });
      return document;
    });
  }
}
