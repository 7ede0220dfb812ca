import type { OrganizationDocument, PreferenceDocument } from './document.js';
import type { TypeDefinition } from './type-definition.js';

/** All choices that affect one person. Documents are empty if nothing was chosen. */
export interface Choices {
  organization: OrganizationDocument;
  person: {
    /** For this organization. */
    organization: PreferenceDocument;
    /** For all organizations. */
    global: PreferenceDocument;
  };
  /** From the organization's profile of the person. */
  time_zone: string | null;
}

export interface Sources extends Choices {
  type: TypeDefinition;
}
